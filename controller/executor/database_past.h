#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_PAST_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_PAST_H_

#include "absl/status/status.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/store/store.h"

namespace davit::executor {

// What the records know of the databases that a deployment migrates or backs up: who is live
// on them, and what was done to them since then. By this, backups are kept that a way back
// may need, and it is known whether anything older uses them. To a rollback, which has what was
// done since its own releases, only those are added that are live on what its commands take
// back; to a restore nothing.
// `args` has its request and the history of the apps that are deployed.
absl::Status ReadDatabasePast(store::ReadTxn& txn, core::NewDeploymentArgs& args);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_PAST_H_
