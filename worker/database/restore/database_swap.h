#ifndef DAVIT_WORKER_DATABASE_RESTORE_DATABASE_SWAP_H_
#define DAVIT_WORKER_DATABASE_RESTORE_DATABASE_SWAP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

// How a fresh database takes the place of one that serves. Errors are ArchiveFailures.
namespace davit::database {

struct SwapNames {
  std::string database;  // in service; `before` is what it will be called
  std::string fresh;     // takes its place
  std::string before;
};

// Refuses connections to the database, ends the sessions in it, and in one transaction
// renames both, allows connections to the old one again, and gives the fresh one its comment.
// One statement of the server: however its client ends meanwhile, it goes on to the end, or
// allows connections again and leaves all names. Sessions that do not end within `patience`:
// kSessions. A connection that is lost leaves the outcome unknown, and a call that ends may
// leave the connections refused: ask IsSwapped, then AllowConnections.
absl::Status SwapDatabases(Connection& connection, const SwapNames& names, absl::Duration patience,
                           const Call& call);

// Whether the database with `fresh_oid` is the one that is called `database` now.
absl::StatusOr<bool> IsSwapped(Connection& connection, const std::string& database,
                               const std::string& fresh_oid, const Call& call);

// Whether connections to it are refused to everybody; false also where there is no such database.
absl::StatusOr<bool> RefusesConnections(Connection& connection, const std::string& database,
                                        const Call& call);

// Allows connections to `database` where they are refused.
absl::Status AllowConnections(Connection& connection, const std::string& database,
                              const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_DATABASE_SWAP_H_
