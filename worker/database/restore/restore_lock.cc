#include "worker/database/restore/restore_lock.h"

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_failure.h"

namespace davit::database {
namespace {

constexpr absl::Duration kLockPause = absl::Milliseconds(100);

absl::StatusOr<bool> TryLock(Connection& connection, const std::string& database,
                             const Call& call) {
  const auto locked = connection.Query(
      "SELECT pg_try_advisory_lock(hashtext('davit.restore'), hashtext($1))", {database}, call);
  if (!locked.ok()) return ServerFailure("the database cannot be locked", locked.status());
  return locked->Text(0, 0) == "t";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> LockRestores(const DatabaseConnector& connect,
                                                         const std::string& database,
                                                         absl::Duration patience,
                                                         const Call& call) {
  auto connection = ConnectBeside(connect, database, call);
  if (!connection.ok()) return connection;
  const Call waiting = call.Within(patience);
  while (true) {
    const auto locked = TryLock(**connection, database, call);
    if (!locked.ok()) return locked.status();
    if (*locked) return connection;
    if (waiting.Wait(kLockPause).ok()) continue;
    if (const absl::Status ended = call.Check(); !ended.ok()) {
      return ServerFailure("the database cannot be locked", ended);
    }
    return ArchiveFailureStatus({ArchiveReason::kBusy,
                                 absl::StrCat("another restore of ", database, " is under way"), "",
                                 "wait for it to end"});
  }
}

// The lock is one of a session beside the database; those of all sessions are listed everywhere.
absl::StatusOr<bool> IsBeingRestored(Connection& connection, const Call& call) {
  const auto held = connection.Query(
      "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND "
      "classid = hashtext('davit.restore')::oid AND objid = hashtext(current_database())::oid",
      call);
  if (!held.ok()) return held.status();
  return !held->rows.empty();
}

}  // namespace davit::database
