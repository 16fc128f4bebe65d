#include <utility>

#include "controller/api/handlers.h"
#include "controller/api/request_check.h"

namespace davit::api {

absl::StatusOr<v1::PlanDeploymentResponse> PlanDeployment(const ApiContext& context,
                                                          const v1::PlanDeploymentRequest& request,
                                                          absl::Time deadline) {
  const absl::Status check = CheckDeploymentRequest(request.deployment());
  if (!check.ok()) return check;
  absl::StatusOr<v1::Deployment> plan = context.executor.Plan(request.deployment(), deadline);
  if (!plan.ok()) return plan.status();
  v1::PlanDeploymentResponse response;
  *response.mutable_deployment() = *std::move(plan);
  return response;
}

}  // namespace davit::api
