#ifndef DAVIT_WORKER_DATABASE_RESTORE_RESTORE_REPAIR_H_
#define DAVIT_WORKER_DATABASE_RESTORE_RESTORE_REPAIR_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/server_connector.h"

namespace davit::database {

// Allows connections to the database again that a restore has refused and did not come to allow,
// as the server ended in its swap: what was loaded lies beside it still. False, with nothing
// changed: nobody refuses them, or not for a restore, or one is under way.
absl::StatusOr<bool> RepairBrokenOffRestore(const DatabaseConnector& connect,
                                            const std::string& database, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_RESTORE_REPAIR_H_
