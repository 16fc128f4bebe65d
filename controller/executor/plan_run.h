#ifndef DAVIT_CONTROLLER_EXECUTOR_PLAN_RUN_H_
#define DAVIT_CONTROLLER_EXECUTOR_PLAN_RUN_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/core/deployment_state.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// Runs the survey of a deployment in memory until it is planned; no step of the plan
// is run. The deployment as it would be, what it would change and what a rollback would
// do; or why it cannot be. HOST_UNREACHABLE, with the hosts that have not answered, at
// `deadline` (by the system's clock).
absl::StatusOr<v1::PlanDeploymentResponse> RunPlan(const fleet::Fleet& fleet, SecretSource& secrets,
                                                   const Clock& clock, core::DeploymentState state,
                                                   absl::Time deadline);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_PLAN_RUN_H_
