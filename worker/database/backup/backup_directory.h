#ifndef DAVIT_WORKER_DATABASE_BACKUP_BACKUP_DIRECTORY_H_
#define DAVIT_WORKER_DATABASE_BACKUP_BACKUP_DIRECTORY_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "worker/database/backup/archive.h"
#include "worker/database/backup/backup_record.h"

namespace davit::database {

struct ListedBackup {
  BackupRecord record;
  bool whole = false;  // its file is there and as long as it was
};

// What became of older backups. File names.
struct PrunedBackups {
  std::vector<std::string> gone;
  std::vector<std::string> ahead;  // dated after the one just made: when, nobody knows
};

// A directory with backups of any number of databases. What it does not know in there
// it leaves alone.
class BackupDirectory {
 public:
  // Makes it when absent, with mode 0700; an existing one keeps its own, and is refused where
  // everybody may write there.
  static absl::StatusOr<BackupDirectory> Prepare(const std::string& path);
  // One that need not exist: it has no backups then.
  explicit BackupDirectory(std::string path) : path_(std::move(path)) {}

  // A backup in the making: a file with mode 0600 and a name that begins with a dot.
  // Locked as long as the worker or the tool that writes it has it open, also when the
  // worker was killed; what nobody has open any more is removed first.
  absl::StatusOr<ArchiveFile> Begin(const std::string& stem, absl::Time deadline) const;
  void Abandon(const std::string& stem) const;
  // Names it, with its record. On the disk when this returns OK; else neither is there.
  absl::Status Commit(const std::string& stem, const BackupRecord& record) const;

  // All that have a record, newest first.
  absl::StatusOr<std::vector<ListedBackup>> List() const;
  // The newest whole one that was made for the deployment.
  absl::StatusOr<std::optional<BackupRecord>> NewestFor(const std::string& deployment) const;
  // Removes all but the `keep` newest whole ones of the database that `just_made` is of, made for
  // the same project and environment, and never that. Zero keeps all. Those of `spared`, paths as
  // File() makes them, stay besides: they are not among the `keep`. So do those whose date is in
  // the future, as a clock was wrong: they may be newer or older than any other.
  absl::StatusOr<PrunedBackups> Prune(const BackupRecord& just_made, int keep,
                                      const std::set<std::string>& spared) const;

  std::string File(absl::string_view name) const;

 private:
  void RemoveLeftovers() const;
  absl::Status Sync() const;

  std::string path_;
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_BACKUP_DIRECTORY_H_
