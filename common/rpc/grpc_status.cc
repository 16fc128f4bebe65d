#include "common/rpc/grpc_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "common/failure/failure.h"
#include "common/rpc/failure_size.h"
#include "davit/v1/failure.pb.h"
#include "davit/v1/rpc_status.pb.h"

namespace davit {
namespace {

// Trailers above 8 KiB are refused by gRPC clients that were not told
// otherwise, and then the whole error is lost. Message and details together
// stay well below that.
constexpr size_t kMaxMessageBytes = 800;
constexpr size_t kMaxFailureBytes = 5000;

absl::StatusCode ToAbslCode(grpc::StatusCode code) {
  if (code < grpc::StatusCode::OK || code > grpc::StatusCode::UNAUTHENTICATED) {
    return absl::StatusCode::kUnknown;
  }
  return static_cast<absl::StatusCode>(code);
}

// Finds the failure in `details`; false when there is none that can be read.
bool ReadFailure(const std::string& details, v1::Failure& failure) {
  v1::RpcStatus status;
  if (details.empty() || !status.ParseFromString(details)) return false;
  for (const google::protobuf::Any& detail : status.details()) {
    if (detail.Is<v1::Failure>() && detail.UnpackTo(&failure)) return true;
  }
  return false;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = ShortenText(status.message(), kMaxMessageBytes);
  v1::RpcStatus details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  details.add_details()->PackFrom(ShortenFailure(FailureOf(status), kMaxFailureBytes));
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message,
                      details.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(ToAbslCode(status.error_code()), status.error_message());
  v1::Failure failure;
  if (!ReadFailure(status.error_details(), failure)) {
    // Who is not let in is told so by gRPC, which has no room for details there.
    if (!absl::IsPermissionDenied(result)) return result;
    failure = MakeFailure(v1::NOT_AUTHORISED, status.error_message());
  }
  // The code is the one that came, not the catalogue's: the other side may know
  // failures that this one does not.
  FailureStatus(failure).ForEachPayload(
      [&result](absl::string_view url, const absl::Cord& payload) {
        result.SetPayload(url, payload);
      });
  return result;
}

}  // namespace davit
