#ifndef DAVIT_CONTROLLER_EXECUTOR_CHECK_RUN_H_
#define DAVIT_CONTROLLER_EXECUTOR_CHECK_RUN_H_

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/core/deployment_state.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// Does in memory what prepares a deployment, on all hosts and for all apps, whatever fails,
// and undoes it: the steps as they ended, and what they found. `state` is check_only.
// It goes no further when five seconds are left until `deadline` (by the system's clock) or,
// of a shorter time, a quarter of it, and as soon as `client_gone`, asked ten times a
// second, says so. It still removes what it has written, and says what it has not looked at.
v1::CheckDeploymentResponse RunCheck(const fleet::Fleet& fleet, SecretSource& secrets,
                                     const Clock& clock, core::DeploymentState state,
                                     absl::Time deadline, absl::FunctionRef<bool()> client_gone);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_CHECK_RUN_H_
