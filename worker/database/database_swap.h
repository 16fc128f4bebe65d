#ifndef DAVIT_WORKER_DATABASE_DATABASE_SWAP_H_
#define DAVIT_WORKER_DATABASE_DATABASE_SWAP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection.h"

namespace davit::database {

// Connects to a database of the server that it is made for.
using DatabaseConnector = std::function<absl::StatusOr<std::unique_ptr<Connection>>(
    const std::string& database, const Call& call)>;

// To the server of `url`, whatever its database. What the role or a database sets to end sessions
// and statements after a time does not count in these sessions: who uses them has a call.
DatabaseConnector ConnectorTo(const DatabaseUrl& url);

// A connection to none of the databases that a restore of `database` renames.
absl::StatusOr<std::unique_ptr<Connection>> ConnectBeside(const DatabaseConnector& connect,
                                                          const std::string& database,
                                                          const Call& call);

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

// Drops a database, whoever is in it. Gone already: nothing.
absl::Status DropDatabase(Connection& connection, const std::string& name, const Call& call);

// Allows connections to `database` where they are refused.
absl::Status AllowConnections(Connection& connection, const std::string& database,
                              const Call& call);

// Names of the databases that restores of `database` have loaded, and neither put in its place nor
// dropped.
absl::StatusOr<std::vector<std::string>> LoadedBeside(Connection& connection,
                                                      const std::string& database,
                                                      const Call& call);

// What other restores have left behind: databases that were loaded and not swapped in go, and the
// one in service allows connections again, where a restore had refused them. For who has
// LockRestores().
absl::Status RemoveRestoreLeftovers(Connection& connection, const std::string& database,
                                    const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_DATABASE_SWAP_H_
