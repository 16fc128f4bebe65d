#ifndef DAVIT_CONTROLLER_EXECUTOR_RESTORATION_SINCE_H_
#define DAVIT_CONTROLLER_EXECUTOR_RESTORATION_SINCE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/spec.pb.h"

namespace davit::executor {

// What deployments did to the databases of `releases`, by app, after these were made:
// oldest first, once a deployment and database, whichever app it was of, be it gone from
// davit.yaml since. Databases have their names of now, see DatabaseNames. Failed deployments
// count; what a later rollback took back, by a command or a backup, does not, whatever that one
// ended with. A restore by hand counts as something that nobody knows, and so does a command
// that was begun and did not succeed. Of those of `databases` that none of the releases
// uses, it is all that was ever done.
absl::StatusOr<std::vector<state::v1::DatabaseHistory>> ReadSince(
    store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
    const std::map<std::string, state::v1::ReleaseRecord>& releases,
    const std::set<std::string>& databases = {});

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_RESTORATION_SINCE_H_
