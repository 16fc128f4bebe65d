#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_USERS_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_USERS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/executor/secret_source.h"
#include "controller/store/store.h"
#include "davit/state/v1/state.pb.h"

namespace davit::executor {

// The live releases of other environments and projects, as far as this controller's records go,
// whose database is one of `databases`, which `record` has in its davit.yaml; by database, then by
// project and environment. Nothing of a URL is in them. Two URLs lead to the same database when
// server, port and name are the same; where the server's name is one that every host or network
// has of its own, that has to be the same, too. What cannot be opened or is not on record is left
// out. The store's error where it cannot be read. Does not wait.
absl::StatusOr<std::vector<state::v1::DatabaseUser>> FindOtherUsers(
    store::Store& store, SecretSource& secrets, const state::v1::DeploymentRecord& record,
    const std::set<std::string>& databases);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_USERS_H_
