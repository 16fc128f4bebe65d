#ifndef DAVIT_WORKER_DATABASE_BACKUP_UNUSABLE_BACKUPS_H_
#define DAVIT_WORKER_DATABASE_BACKUP_UNUSABLE_BACKUPS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/database/backup/backup_record.h"

namespace davit::database {

// What lies among the backups and cannot be restored as it is.
struct UnusableFile {
  std::string file;                    // NAME.dump, there or not
  std::optional<BackupRecord> record;  // its own, where it has one
  std::string reason;                  // half a sentence
};

// Those of a directory, by name: files of backups without a record of their own, and records
// whose file is gone or of another size. Their content is not read. None where there is no
// directory; errors as BackupDirectory::List().
absl::StatusOr<std::vector<UnusableFile>> FindUnusableBackups(const std::string& directory);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_UNUSABLE_BACKUPS_H_
