#include "worker/database/backup/archive_failure.h"
#include "worker/database/restore/database_swap.h"
#include "worker/database/restore/load_backup.h"
#include "worker/database/restore/loaded_database.h"
#include "worker/database/restore/restore_leftovers.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/restore/restore_names.h"

namespace davit::database {
namespace {

constexpr absl::Duration kDropPause = absl::Milliseconds(100);

absl::StatusOr<bool> TryToDrop(const Call& call, const DatabaseConnector& connect,
                               const std::string& database, const std::string& key,
                               absl::Duration lock_patience) {
  const std::string fresh = RestoringName(database, key);
  // A swap or a load of a worker that was killed may still be going on. Past that it is
  // dropped without the lock: no other restore has anything to do with the name.
  const auto lock = LockRestores(connect, database, lock_patience, call);
  const bool busy = IsArchiveFailure(lock.status(), ArchiveReason::kBusy);
  if (!lock.ok() && !busy) return lock.status();
  const auto connection = ConnectBeside(connect, database, call);
  if (!connection.ok()) return connection.status();
  const auto loaded = FindLoaded(**connection, fresh, /*file=*/"", call);
  if (!loaded.ok()) return loaded.status();
  if (!loaded->exists) return false;
  absl::Status status = busy ? absl::OkStatus() : AllowConnections(**connection, database, call);
  if (status.ok()) status = DropDatabase(**connection, fresh, call);
  if (!status.ok()) return status;
  return true;
}

}  // namespace

absl::StatusOr<bool> DropLoaded(const Call& call, const DatabaseConnector& connect,
                                const std::string& database, const std::string& key,
                                const DropPatience& patience) {
  // Most likely the load failed as the server was restarted, and it is back soon.
  const Call waiting = call.Within(patience.server);
  while (true) {
    auto dropped = TryToDrop(call, connect, database, key, patience.lock);
    const bool away = IsArchiveFailure(dropped.status(), ArchiveReason::kServer);
    if (!away || !waiting.Wait(kDropPause).ok()) return dropped;
  }
}

}  // namespace davit::database
