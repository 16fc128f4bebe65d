#ifndef DAVIT_WORKER_STEPS_DATABASE_SAME_DATABASE_H_
#define DAVIT_WORKER_STEPS_DATABASE_SAME_DATABASE_H_

#include "absl/status/status.h"
#include "davit/v1/failure.pb.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/database_url.h"
#include "worker/docker/engine.h"
#include "worker/steps/database/access.h"

namespace davit::steps {

// Looks whether admin_url, where there is one, leads to the very database that the apps use by
// url: another one would be backed up, or replaced. `admin` is a session by admin_url. A Failure
// of `code` says to which each leads; errors of reaching it by url are those of StepDatabase.
absl::Status CheckSameDatabase(const worker::v1::DatabaseAccess& access, const StepContext& context,
                               docker::Engine& engine, database::Connection& admin,
                               v1::FailureCode code);

// The same, where no session by admin_url (`resolved`) is there yet. OK where the database lets
// nobody in: whether a restore may go on then is not decided by it.
absl::Status CheckSameDatabase(const worker::v1::DatabaseAccess& access, const StepContext& context,
                               docker::Engine& engine, const database::DatabaseUrl& resolved,
                               v1::FailureCode code);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_SAME_DATABASE_H_
