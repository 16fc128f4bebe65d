#ifndef DAVIT_CONTROLLER_EXECUTOR_OTHER_USERS_H_
#define DAVIT_CONTROLLER_EXECUTOR_OTHER_USERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/deployment_state.h"
#include "controller/executor/secret_source.h"
#include "controller/store/store.h"

// What it means for a deployment that other environments and projects are live on its databases;
// see FindOtherUsers.
namespace davit::executor {

// For a restore or a rollback: who uses a database that `state` restores or that its apps use; a
// sentence each, of which none has anything of a URL. They are neither stopped nor asked. The
// store's error where it cannot be read.
absl::StatusOr<std::vector<std::string>> NotesOfOtherUsers(store::Store& store,
                                                           SecretSource& secrets,
                                                           const core::DeploymentState& state);

// For the record of a deployment that migrates: who has to bear that. The store's error where it
// cannot be read: not to know is not to have none.
absl::StatusOr<std::vector<state::v1::DatabaseUser>> OtherUsersOfMigrated(
    store::Store& store, SecretSource& secrets, const state::v1::DeploymentRecord& record);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_OTHER_USERS_H_
