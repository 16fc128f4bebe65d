#include "worker/database/restore_lock.h"

#include "absl/strings/str_cat.h"
#include "worker/database/archive_failure.h"
#include "worker/database/restore_target.h"

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

}  // namespace davit::database
