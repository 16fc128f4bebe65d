#ifndef DAVIT_CONTROLLER_EXECUTOR_CREATION_H_
#define DAVIT_CONTROLLER_EXECUTOR_CREATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/core/deployment_state.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// HOST_UNKNOWN when the fleet lacks a host that the request has to do with. Does not wait.
absl::Status CheckHosts(const fleet::Fleet& fleet, const v1::DeploymentRequest& request);

// Takes the environment's lock and makes a PENDING deployment under it, which is
// not put into the store. LOCK_HELD, HOST_UNKNOWN, SECRET_MISSING, SPEC_INVALID.
absl::StatusOr<core::DeploymentState> MakeLockedDeployment(
    store::Txn& txn, const fleet::Fleet& fleet, const v1::CreateDeploymentRequest& request,
    absl::Time now);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_CREATION_H_
