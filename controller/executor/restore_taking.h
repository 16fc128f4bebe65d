#ifndef DAVIT_CONTROLLER_EXECUTOR_RESTORE_TAKING_H_
#define DAVIT_CONTROLLER_EXECUTOR_RESTORE_TAKING_H_

#include "absl/status/status.h"
#include "controller/executor/database_histories.h"
#include "controller/executor/database_names.h"
#include "controller/store/store.h"

namespace davit::executor {

// Has `histories` be what they are after the restore by hand `record`, however it ended: what was
// migrated from the migration on of before which its backup is, is left out; of another backup, or
// where nobody knows whether it is in place, a change is added that nobody knows. The store's
// errors.
absl::Status ApplyRestore(store::ReadTxn& txn, const state::v1::DeploymentRecord& record,
                          const Bounds& bounds, DatabaseNames& names, Histories& histories);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RESTORE_TAKING_H_
