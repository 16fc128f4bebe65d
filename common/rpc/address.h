#ifndef DAVIT_COMMON_RPC_ADDRESS_H_
#define DAVIT_COMMON_RPC_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit {

// Where a server listens: a unix socket, or a TCP port.
struct Address {
  bool is_unix = false;
  std::string path;  // of a unix socket
  std::string host;  // a name or an IP address, IPv6 without brackets
  int port = 0;      // 0: any free one, for listening only

  friend bool operator==(const Address&, const Address&) = default;
};

Address UnixAddress(std::string path);
Address TcpAddress(std::string host, int port);

// Reads `unix:/path`, `host:port` and `[v6]:port`. INVALID_ARGUMENT says what is
// wrong with `text` and how it should look.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// The other way round.
std::string ToText(const Address& address);

// gRPC's name for `address`, whatever characters its path has.
std::string ChannelTarget(const Address& address);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_ADDRESS_H_
