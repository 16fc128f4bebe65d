#ifndef DAVIT_COMMON_RPC_UNIX_CHANNEL_H_
#define DAVIT_COMMON_RPC_UNIX_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace davit {

// gRPC's name for the unix socket at `path`, whatever characters it has.
std::string UnixTarget(absl::string_view path);

// A channel to the unix socket at `path`. Connects with the first call, asks no
// name server and no proxy, tries again 0.1 s to 5 s after a failure, and takes
// answers of 64 MiB at most.
std::shared_ptr<grpc::Channel> MakeUnixChannel(absl::string_view path);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_UNIX_CHANNEL_H_
