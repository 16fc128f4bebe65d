#ifndef DAVIT_CONTROLLER_EXECUTOR_OTHER_USERS_H_
#define DAVIT_CONTROLLER_EXECUTOR_OTHER_USERS_H_

#include <string>
#include <vector>

#include "controller/core/deployment_state.h"
#include "controller/executor/secret_source.h"
#include "controller/store/store.h"

namespace davit::executor {

// For a restore or a rollback: the live releases of other environments and projects, as far as
// this controller's records go, whose database is one that `state` restores or that its apps
// use; a sentence each, of which none has anything of a URL. They are neither stopped nor
// asked. Two URLs lead to the same database when server, port and name are the same; where the
// server's name is one that every host or network has of its own, that has to be the same, too.
// What cannot be opened or is not on record is left out. Does not wait.
std::vector<std::string> NotesOfOtherUsers(store::Store& store, SecretSource& secrets,
                                           const core::DeploymentState& state);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_OTHER_USERS_H_
