#ifndef DAVIT_CONTROLLER_EXECUTOR_CREATION_H_
#define DAVIT_CONTROLLER_EXECUTOR_CREATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/core/deployment_state.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// HOST_UNKNOWN when the fleet lacks a host that the request has to do with. Does not wait.
absl::Status CheckHosts(const fleet::Fleet& fleet, const v1::DeploymentRequest& request);

// What core needs for a new deployment of `request`: an id, the cluster's id, the
// history of the apps and the versions of the secrets that they refer to; for a rollback,
// what it goes back to as well. The fence is left to the caller. SECRET_MISSING,
// SPEC_INVALID, and as ReadRestoration.
absl::StatusOr<core::NewDeploymentArgs> ReadArgs(store::ReadTxn& txn,
                                                 const v1::DeploymentRequest& request,
                                                 absl::Time now);

// Takes the environment's lock and makes a PENDING deployment under it, which is
// not put into the store. LOCK_HELD, HOST_UNKNOWN, SECRET_MISSING, SPEC_INVALID.
absl::StatusOr<core::DeploymentState> MakeLockedDeployment(
    store::Txn& txn, const fleet::Fleet& fleet, const v1::CreateDeploymentRequest& request,
    absl::Time now);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_CREATION_H_
