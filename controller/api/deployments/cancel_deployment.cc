#include <utility>

#include "common/failure/failure.h"
#include "controller/api/deployments/handlers.h"

namespace davit::api {

absl::StatusOr<v1::CancelDeploymentResponse> CancelDeployment(
    const ApiContext& context, const v1::CancelDeploymentRequest& request) {
  if (request.id().empty()) return FailureStatus(v1::SPEC_INVALID, "id must be given");
  if (request.cancelled_by().size() > 400) {  // with the name of a certificate
    return FailureStatus(v1::SPEC_INVALID, "cancelled_by is longer than 400 bytes");
  }
  absl::StatusOr<v1::Deployment> cancelled =
      context.executor.Cancel(request.id(), request.cancelled_by());
  if (!cancelled.ok()) return cancelled.status();
  v1::CancelDeploymentResponse response;
  *response.mutable_deployment() = *std::move(cancelled);
  return response;
}

}  // namespace davit::api
