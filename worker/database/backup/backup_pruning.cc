// BackupDirectory::Prune.
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"

namespace davit::database {
namespace {

// Whether one counts among the other's: two projects may back up one database.
bool SameMaker(const BackupRecord& a, const BackupRecord& b) {
  return a.database == b.database && a.server == b.server && a.project == b.project &&
         a.environment == b.environment;
}

}  // namespace

absl::StatusOr<PrunedBackups> BackupDirectory::Prune(const BackupRecord& just_made, int keep,
                                                     const std::set<std::string>& spared) const {
  PrunedBackups pruned;
  if (keep <= 0) return pruned;
  const auto listed = List();
  if (!listed.ok()) return listed.status();
  int kept = 1;  // the one just made, whatever its time
  for (const ListedBackup& backup : *listed) {
    if (!SameMaker(backup.record, just_made) || backup.record.file == just_made.file) continue;
    if (spared.contains(File(backup.record.file))) continue;
    if (backup.record.started > just_made.started)
      pruned.ahead.push_back(backup.record.file);
    else if (kept < keep && backup.whole)
      ++kept;
    else if (kept >= keep)
      pruned.gone.push_back(backup.record.file);
  }
  for (const std::string& file : pruned.gone) {
    if (unlink(File(file).c_str()) != 0 && errno != ENOENT) {
      return ArchiveFileFailure(absl::StrCat("the old backup ", file, " cannot be removed"), errno);
    }
    unlink(File(BackupRecordFile(file)).c_str());
  }
  if (absl::Status synced = Sync(); !synced.ok()) return synced;
  return pruned;
}

}  // namespace davit::database
