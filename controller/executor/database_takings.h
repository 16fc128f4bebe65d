#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_TAKINGS_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_TAKINGS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "controller/executor/database_names.h"
#include "controller/store/store.h"

namespace davit::executor {

// What was done to databases, by deployment, whose ids are in the order of creation, and by
// the database's name of now.
using Histories = std::map<std::pair<std::string, std::string>, state::v1::DatabaseHistory>;

// Of each database that is of interest, the deployment that made the oldest release which uses
// it: what was done after that one counts. "": all that was ever done.
using Bounds = std::map<std::string, std::string>;

// Whether the deployment may have taken back what others had migrated: a rollback with a
// command or a backup, or a restore by hand.
bool MayTakeBack(const state::v1::DeploymentRecord& record);

// Has `histories` be what they are after such a deployment, however it ended: what its steps
// have taken back is left out; what they may have done, and what a release of before lacks since,
// is added as a change that nobody knows. The store's errors.
absl::Status ApplyTaking(store::ReadTxn& txn, const state::v1::DeploymentRecord& record,
                         const Bounds& bounds, DatabaseNames& names, Histories& histories);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_TAKINGS_H_
