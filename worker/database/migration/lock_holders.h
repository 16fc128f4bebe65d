#ifndef DAVIT_WORKER_DATABASE_MIGRATION_LOCK_HOLDERS_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_LOCK_HOLDERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// A session that has a lock. Of sessions of other users the server shows the query and the
// times only to superusers and members of pg_read_all_stats; empty and zero without.
struct LockHolder {
  int pid = 0;
  std::string user;
  std::string application;
  std::string client;             // address; empty for a unix socket
  std::string state;              // "active", "idle in transaction"; empty: not shown
  std::string relation;           // "public.customer"; empty where it is no relation's lock
  std::string mode;               // AccessExclusiveLock…
  absl::Duration in_transaction;  // since it began: the lock is not older
  std::string query;              // its last one, ShownQuery()
  std::string Sentence() const;
};

// One that waits for a lock, and all that it waits for.
struct BlockedSession {
  int pid = 0;
  std::string application;
  absl::Duration waiting;  // since its statement began: the wait is not longer
  std::string query;       // ShownQuery()
  std::vector<LockHolder> holders;
};

// All of the connection's database, longest waits first. To be asked while a migration
// waits: when it has given up there is nobody to see any more.
absl::StatusOr<std::vector<BlockedSession>> ReadBlockedSessions(Connection& connection,
                                                                const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_LOCK_HOLDERS_H_
