#include "controller/fleet/host_status.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"

namespace davit::fleet {
namespace {

// What the other side, or what stands there instead of it, said.
std::vector<std::string> Said(const grpc::Status& status) {
  if (status.error_message().empty()) return {};
  return {absl::StrCat("it says: ", status.error_message())};
}

}  // namespace

absl::Status HostUnreachable(absl::string_view host, absl::string_view why) {
  return FailureStatus(v1::HOST_UNREACHABLE,
                       absl::StrCat("the worker of host ", host, " does not answer"),
                       {std::string(why)});
}

absl::Status HostStatus(absl::string_view host, const grpc::Status& status) {
  if (!status.error_details().empty()) return FromGrpcStatus(status);
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return HostUnreachable(host, status.error_message());
    case grpc::StatusCode::UNIMPLEMENTED:
      return FailureStatus(v1::VERSION_SKEW,
                           absl::StrCat("the worker of host ", host,
                                        " is of an older version that does not know what this "
                                        "controller asks of it"),
                           Said(status));
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return FailureStatus(
          v1::NOT_AUTHORISED,
          absl::StrCat("the worker of host ", host, " refuses this controller's certificate"),
          Said(status));
    default:
      return FromGrpcStatus(status);
  }
}

}  // namespace davit::fleet
