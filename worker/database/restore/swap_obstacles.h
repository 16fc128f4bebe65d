#ifndef DAVIT_WORKER_DATABASE_RESTORE_SWAP_OBSTACLES_H_
#define DAVIT_WORKER_DATABASE_RESTORE_SWAP_OBSTACLES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

// What keeps a database from being replaced, for who wants to know it before the applications
// are stopped for that. Errors are ArchiveFailures.
namespace davit::database {

// Refuses prepared transactions in it, as the server renames no database that has some, and logical
// replication slots: they would stay with the old one, whose consumer gets nothing new any more
// while the server keeps all that is written for it.
absl::Status CheckForHolds(Connection& connection, const std::string& database, const Call& call);

// Refuses sessions in it that the connection's role may not end, once they are there still after
// `patience`. Those of `app_role` do not count: the applications are stopped before the swap.
absl::Status CheckForSessions(Connection& connection, const std::string& database,
                              const std::string& app_role, absl::Duration patience,
                              const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_SWAP_OBSTACLES_H_
