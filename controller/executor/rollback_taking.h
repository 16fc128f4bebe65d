#ifndef DAVIT_CONTROLLER_EXECUTOR_ROLLBACK_TAKING_H_
#define DAVIT_CONTROLLER_EXECUTOR_ROLLBACK_TAKING_H_

#include "absl/status/status.h"
#include "controller/executor/database_histories.h"
#include "controller/executor/database_names.h"
#include "controller/store/store.h"

namespace davit::executor {

// Has `histories` be what they are after the rollback `record`, however it ended: what its commands
// and backups have taken back is left out; what they may have done, and what a release of before
// the rollback lacks since, is added as a change that nobody knows. The store's errors.
absl::Status ApplyRollback(store::ReadTxn& txn, const state::v1::DeploymentRecord& record,
                           const Bounds& bounds, DatabaseNames& names, Histories& histories);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_ROLLBACK_TAKING_H_
