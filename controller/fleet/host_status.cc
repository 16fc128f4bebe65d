#include "controller/fleet/host_status.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"

namespace davit::fleet {

absl::Status HostUnreachable(absl::string_view host, absl::string_view why) {
  return FailureStatus(v1::HOST_UNREACHABLE,
                       absl::StrCat("the worker of host ", host, " does not answer"),
                       {std::string(why)});
}

absl::Status HostStatus(absl::string_view host, const grpc::Status& status) {
  const bool unanswered = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                          status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (unanswered && status.error_details().empty()) {
    return HostUnreachable(host, status.error_message());
  }
  return FromGrpcStatus(status);
}

}  // namespace davit::fleet
