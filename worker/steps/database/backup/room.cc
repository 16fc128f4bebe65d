#include "worker/steps/database/backup/room.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/steps/host/disk_space.h"

namespace davit::steps {
namespace {

// What CREATE DATABASE makes by itself.
constexpr int64_t kEmptyDatabaseBytes = 8'000'000;
constexpr int64_t kLeastCompression = 10;
// Even a backup of nothing needs its file, its record and their directory.
constexpr int64_t kSmallestBackupBytes = 64'000;

// 0: there is none.
int64_t LastBackupBytes(const database::BackupRequest& request) {
  const auto listed = database::BackupDirectory(request.directory).List();
  if (!listed.ok()) return 0;
  const auto name = request.environment.find("PGDATABASE");
  for (const database::ListedBackup& backup : *listed) {
    if (backup.whole && backup.record.server == request.server &&
        name != request.environment.end() && backup.record.database == name->second) {
      return backup.record.size_bytes;
    }
  }
  return 0;
}

}  // namespace

int64_t LeastBackupBytes(const database::BackupRequest& request, int64_t database_bytes) {
  const int64_t last = LastBackupBytes(request);
  if (last > 0) return std::max(last, kSmallestBackupBytes);
  return std::max((database_bytes - kEmptyDatabaseBytes) / kLeastCompression, kSmallestBackupBytes);
}

absl::Status CheckBackupRoom(const database::BackupRequest& request, int64_t database_bytes) {
  const std::optional<int64_t> free_bytes = FreeBytes(request.directory);
  const int64_t least_bytes = LeastBackupBytes(request, database_bytes);
  if (!free_bytes.has_value() || *free_bytes >= least_bytes) return absl::OkStatus();
  return database::ArchiveFailureStatus(
      {database::ArchiveReason::kDiskFull,
       absl::StrCat("there is no room for a backup in ", request.directory, ": it needs about ",
                    FormatBytes(least_bytes), ", and ", FormatBytes(*free_bytes), " are free"),
       absl::StrCat("the database has ", FormatBytes(database_bytes)),
       "make room on that host, or name another directory in backup.directory"});
}

}  // namespace davit::steps
