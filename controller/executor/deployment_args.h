#ifndef DAVIT_CONTROLLER_EXECUTOR_DEPLOYMENT_ARGS_H_
#define DAVIT_CONTROLLER_EXECUTOR_DEPLOYMENT_ARGS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

// What core needs for a new deployment of `request`: an id, the cluster's id, the
// history of the apps and the versions of the secrets that they refer to; for a rollback,
// what it goes back to as well. The fence is left to the caller. SECRET_MISSING,
// SPEC_INVALID, and as ReadRestoration.
absl::StatusOr<core::NewDeploymentArgs> ReadArgs(store::ReadTxn& txn,
                                                 const v1::DeploymentRequest& request,
                                                 absl::Time now);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DEPLOYMENT_ARGS_H_
