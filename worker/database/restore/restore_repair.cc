#include "worker/database/restore/restore_repair.h"

#include "worker/database/backup/archive_failure.h"
#include "worker/database/restore/database_swap.h"
#include "worker/database/restore/restore_leftovers.h"
#include "worker/database/restore/restore_lock.h"

namespace davit::database {

absl::StatusOr<bool> RepairBrokenOffRestore(const DatabaseConnector& connect,
                                            const std::string& database, const Call& call) {
  const auto lock = LockRestores(connect, database, absl::ZeroDuration(), call);
  if (IsArchiveFailure(lock.status(), ArchiveReason::kBusy)) return false;
  if (!lock.ok()) return lock.status();
  const auto loaded = LoadedBeside(**lock, database, call);
  if (!loaded.ok()) return loaded.status();
  if (loaded->empty()) return false;
  const auto refuses = RefusesConnections(**lock, database, call);
  if (!refuses.ok() || !*refuses) return refuses;
  if (absl::Status allowed = AllowConnections(**lock, database, call); !allowed.ok()) {
    return allowed;
  }
  return true;
}

}  // namespace davit::database
