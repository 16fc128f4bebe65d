#ifndef DAVIT_WORKER_DATABASE_RESTORE_RESTORE_LOCK_H_
#define DAVIT_WORKER_DATABASE_RESTORE_RESTORE_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/server_connector.h"

namespace davit::database {

// A session beside `database` that has the right to load, swap or drop for a restore of
// it; one at a time. It goes with the session, so whoever is killed loses it once the server has
// ended what it was at. Errors are ArchiveFailures: kBusy when it is not free within `patience`.
absl::StatusOr<std::unique_ptr<Connection>> LockRestores(const DatabaseConnector& connect,
                                                         const std::string& database,
                                                         absl::Duration patience, const Call& call);

// Whether somebody has that right for the database that `connection` leads to. Without it a
// restore's entry in the ledger is dead. Errors are Query()'s.
absl::StatusOr<bool> IsBeingRestored(Connection& connection, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_RESTORE_LOCK_H_
