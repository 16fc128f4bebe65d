#ifndef DAVIT_CLIENT_COMMANDS_DEPLOY_PLAN_CALL_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOY_PLAN_CALL_H_

#include "absl/status/statusor.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// What the deployment would do, asked of the controller and so of the hosts; says meanwhile
// for whom it waits. Errors as of Connection::Call.
absl::StatusOr<v1::PlanDeploymentResponse> AskForPlan(const Invocation& invocation,
                                                      Connection& connection,
                                                      const v1::PlanDeploymentRequest& request);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOY_PLAN_CALL_H_
