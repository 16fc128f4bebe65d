#ifndef DAVIT_COMMON_SPEC_PORT_H_
#define DAVIT_COMMON_SPEC_PORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::spec {

// A published port as davit.yaml writes it.
struct PublishedPort {
  std::string host_ip;     // empty: all addresses; without brackets for IPv6
  int host_port = 0;       // 1..65535
  int container_port = 0;  // 1..65535
  std::string protocol;    // tcp or udp
};

// [HOST_IP:]HOST_PORT:CONTAINER_PORT[/tcp|/udp]. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<PublishedPort> ParsePort(absl::string_view text);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_PORT_H_
