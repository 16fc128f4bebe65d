#ifndef DAVIT_COMMON_RPC_REFUSALS_H_
#define DAVIT_COMMON_RPC_REFUSALS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace davit {

// Somebody whom a server of this process did not serve.
struct Refusal {
  bool by_peer = false;  // it hung up by itself: a look at the port, or it did not believe us
  std::string text;      // one line: who, as far as it is known, and why

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Takes each of them, on any thread: TLS handshakes that failed, and calls of those whom
// ServerOptions::allow does not name. gRPC tells the address of one that hung up only.
using RefusalSink = void (*)(const Refusal& refusal);
// nullptr, as at first: nobody is told.
void SetRefusalSink(RefusalSink sink);

// Has the sink take it. For this room.
void TellRefusal(const Refusal& refusal);

// The refusal that a message of gRPC 1.51 is about; nullopt when it is about another thing.
std::optional<Refusal> RefusalIn(absl::string_view message);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_REFUSALS_H_
