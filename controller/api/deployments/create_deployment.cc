#include <utility>

#include "controller/api/deployments/handlers.h"
#include "controller/api/deployments/request_check.h"

namespace davit::api {

absl::StatusOr<v1::CreateDeploymentResponse> CreateDeployment(
    const ApiContext& context, const v1::CreateDeploymentRequest& request) {
  const absl::Status check = CheckCreateRequest(request);
  if (!check.ok()) return check;
  absl::StatusOr<v1::Deployment> created = context.executor.Create(request);
  if (!created.ok()) return created.status();
  v1::CreateDeploymentResponse response;
  *response.mutable_deployment() = *std::move(created);
  return response;
}

}  // namespace davit::api
