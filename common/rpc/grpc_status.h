#ifndef DAVIT_COMMON_RPC_GRPC_STATUS_H_
#define DAVIT_COMMON_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace davit {

// The one way between the two kinds of status. A Failure payload travels in
// the binary details; every error that leaves a server has one, but for the refusal of
// a caller (see AllowList), whose failure is made of its message on this side.
grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_GRPC_STATUS_H_
