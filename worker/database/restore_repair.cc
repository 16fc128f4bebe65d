#include "worker/database/restore_repair.h"

#include "worker/database/archive_failure.h"
#include "worker/database/restore_lock.h"
#include "worker/database/restore_target.h"

namespace davit::database {
namespace {

bool IsUnderWay(const absl::Status& status) {
  const auto failure = ArchiveFailureOf(status);
  return failure.has_value() && failure->reason == ArchiveReason::kBusy;
}

}  // namespace

absl::StatusOr<bool> RepairBrokenOffRestore(const DatabaseConnector& connect,
                                            const std::string& database, const Call& call) {
  const auto lock = LockRestores(connect, database, absl::ZeroDuration(), call);
  if (IsUnderWay(lock.status())) return false;
  if (!lock.ok()) return lock.status();
  const auto loaded = LoadedBeside(**lock, database, call);
  if (!loaded.ok()) return loaded.status();
  if (loaded->empty()) return false;
  const auto refusing = (*lock)->Query(
      "SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn", {database}, call);
  if (!refusing.ok()) return ServerFailure("the databases cannot be looked up", refusing.status());
  if (refusing->rows.empty()) return false;
  if (absl::Status allowed = AllowConnections(**lock, database, call); !allowed.ok()) {
    return allowed;
  }
  return true;
}

}  // namespace davit::database
