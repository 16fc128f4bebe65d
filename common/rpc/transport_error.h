#ifndef DAVIT_COMMON_RPC_TRANSPORT_ERROR_H_
#define DAVIT_COMMON_RPC_TRANSPORT_ERROR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit {

// What gRPC's message for a call that got lost on its way means, where it is one of
// those that are known: "10.0.0.1:7301 refuses connections: nothing listens there".
// Any other message as it is.
std::string TransportErrorInWords(absl::string_view message);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_TRANSPORT_ERROR_H_
