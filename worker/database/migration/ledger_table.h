#ifndef DAVIT_WORKER_DATABASE_MIGRATION_LEDGER_TABLE_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_LEDGER_TABLE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// Within a transaction that has the ledger's lock: sees that the table is there and may be
// used. PERMISSION_DENIED, with what an administrator has to run.
absl::Status EnsureLedgerTable(Connection& connection, const Call& call);

// Whether there is one to be read: false where none was made yet. PERMISSION_DENIED as above.
absl::StatusOr<bool> MayReadLedger(Connection& connection, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_LEDGER_TABLE_H_
