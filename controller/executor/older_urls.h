#ifndef DAVIT_CONTROLLER_EXECUTOR_OLDER_URLS_H_
#define DAVIT_CONTROLLER_EXECUTOR_OLDER_URLS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/core/deployment_state.h"
#include "controller/executor/secret_source.h"
#include "controller/store/store.h"

namespace davit::executor {

// What the URLs are worth that older releases have of their databases.
struct OlderUrls {
  // SCHEMA_NOT_SAFE where one leads to another database than the one that is used now, and the
  // schema was not chosen to be kept: what is taken back or restored would be a database that
  // nobody uses then. The store's error where it cannot be read. OK for what is no rollback.
  absl::Status status;
  // A sentence each, for the plan; nothing of a URL is in them.
  std::vector<std::string> notes;
};

// For the rollback `state`: an older release has the version of its URL that it had then, which
// may have been changed since. It is compared with the one that the live release has and, where a
// backup is put in place, the newest one, which that is done with: by server, port and database
// name, as servers are not asked. What cannot be opened or is not on record is left out. Does not
// wait.
OlderUrls CompareOlderUrls(store::Store& store, SecretSource& secrets,
                           const core::DeploymentState& state);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_OLDER_URLS_H_
