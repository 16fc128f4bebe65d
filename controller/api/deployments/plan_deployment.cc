#include <string>
#include <utility>
#include <vector>

#include "controller/api/deployments/handlers.h"
#include "controller/api/deployments/request_check.h"
#include "controller/executor/left_behind.h"

namespace davit::api {

absl::StatusOr<v1::PlanDeploymentResponse> PlanDeployment(const ApiContext& context,
                                                          const v1::PlanDeploymentRequest& request,
                                                          absl::Time deadline) {
  const absl::Status check = CheckDeploymentRequest(request.deployment());
  if (!check.ok()) return check;
  auto response = context.executor.Plan(request.deployment(), deadline);
  if (!response.ok()) return response;
  const absl::Status read = context.store.View([&](store::ReadTxn& txn) {
    const auto notes = executor::LeftBehind(txn, context.fleet, request.deployment());
    if (!notes.ok()) return notes.status();
    for (const std::string& note : *notes) response->add_notes(note);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return response;
}

}  // namespace davit::api
