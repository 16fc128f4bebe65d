#include "controller/api/deployments/handlers.h"
#include "controller/api/deployments/request_check.h"

namespace davit::api {

absl::StatusOr<v1::CheckDeploymentResponse> CheckDeployment(
    const ApiContext& context, const v1::CheckDeploymentRequest& request, absl::Time deadline,
    absl::FunctionRef<bool()> client_gone) {
  const absl::Status check = CheckDeploymentRequest(request.deployment());
  if (!check.ok()) return check;
  return context.executor.Check(request.deployment(), deadline, client_gone);
}

}  // namespace davit::api
