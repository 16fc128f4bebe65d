#ifndef DAVIT_CONTROLLER_EXECUTOR_BACKUPS_URL_H_
#define DAVIT_CONTROLLER_EXECUTOR_BACKUPS_URL_H_

#include <string>
#include <vector>

#include "controller/core/deployment_state.h"
#include "controller/executor/secret_source.h"
#include "controller/store/store.h"

namespace davit::executor {

// For a restore by hand: a sentence where the backup is of another database than the one that it
// takes the place of, as the URL was changed since it was made; nothing of a URL is in it. It is
// compared by server, port and name. None for a backup that is not on record, where a URL cannot
// be opened any more, and for what is no restore. Does not wait.
std::vector<std::string> NotesOfBackupsUrl(store::Store& store, SecretSource& secrets,
                                           const core::DeploymentState& state);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_BACKUPS_URL_H_
