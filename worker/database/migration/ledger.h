#ifndef DAVIT_WORKER_DATABASE_MIGRATION_LEDGER_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_LEDGER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// The ledger says whose turn it is to migrate a database or to put a backup in its place:
// davit.davit_migrations in the database itself, a row a step, of which one at most is running. It
// is written in short transactions under pg_advisory_xact_lock, never by locks of a session, so
// that a pooler in transaction mode may stand between. That the lock is free proves nothing of a
// container: who finds the ledger held proves that its container is dead, then calls Supersede.

// Who wants its turn. `deployment` and `step` name the row.
struct LedgerClaim {
  std::string deployment;
  std::string step;
  std::string host;
  std::string container;  // its name, chosen before it is created; a restore has none

  // A restore's row is written by who has LockRestores() (restore_lock.h), and no other.
  bool IsRestore() const { return container.empty(); }
};

enum class LedgerState { kRunning, kFinished, kFailed, kSuperseded };

struct LedgerEntry {
  LedgerClaim claim;
  LedgerState state = LedgerState::kRunning;
  int64_t version = 0;  // grows with each change of the row
  absl::Time begun_at;  // by the server's clock
  absl::Duration age;   // since then, by the same clock
};

enum class BeginOutcome {
  kTaken,        // the entry is new, and ours
  kAlreadyMine,  // it was written before; its state says how far it got
  kHeldBy,       // the entry is another's, and running
};

struct BeginResult {
  BeginOutcome outcome = BeginOutcome::kTaken;
  LedgerEntry entry;
};

// Makes the ledger where there is none. PERMISSION_DENIED with the statements that an
// administrator has to run where the user may not; else Connection's errors, after
// which Begin may be called again.
absl::StatusOr<BeginResult> BeginMigration(Connection& connection, const LedgerClaim& claim,
                                           const Call& call);

// The running entry of this database, if there is one. PERMISSION_DENIED, with what an
// administrator has to run, where the user may not look.
absl::StatusOr<std::optional<LedgerEntry>> FindRunningEntry(Connection& connection,
                                                            const Call& call);

// Deployments other than `own` that have migrated this database, or tried to, within `age`.
absl::StatusOr<std::vector<std::string>> MigratedWithin(Connection& connection, absl::Duration age,
                                                        const std::string& own, const Call& call);

// Ends another's entry, whose container is proven dead. ABORTED when the row has changed
// since `holder` was read: begin again. Who succeeds has still to begin.
absl::Status SupersedeMigration(Connection& connection, const LedgerEntry& holder,
                                const Call& call);

// Ends every running entry of a database that none of their migrations run on, as it was read from
// a backup. A database without a ledger is left without.
absl::Status SupersedeAllMigrations(Connection& connection, const Call& call);

// Ends one's own entry as kFinished or kFailed; the second time the same is OK. ABORTED
// when another has superseded it.
absl::Status FinishMigration(Connection& connection, const LedgerEntry& entry, LedgerState state,
                             const Call& call);

// The statement by which somebody ends the holder's turn who is sure that it is dead: its host
// will never say so.
std::string StatementToEnd(const LedgerEntry& holder);

// "Deployment d-7 has been migrating it for 3m from host web-1 (container x)"; "Deployment d-8
// has been putting a backup in its place for 1s from host web-1".
std::string HolderSentence(const LedgerEntry& holder);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_LEDGER_H_
