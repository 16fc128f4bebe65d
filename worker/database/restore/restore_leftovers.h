#ifndef DAVIT_WORKER_DATABASE_RESTORE_RESTORE_LEFTOVERS_H_
#define DAVIT_WORKER_DATABASE_RESTORE_RESTORE_LEFTOVERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

// What restores that did not come to their end have left on a server. Errors are ArchiveFailures.
namespace davit::database {

// Drops a database, whoever is in it. Gone already: nothing.
absl::Status DropDatabase(Connection& connection, const std::string& name, const Call& call);

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

#endif  // DAVIT_WORKER_DATABASE_RESTORE_RESTORE_LEFTOVERS_H_
