#ifndef DAVIT_WORKER_DATABASE_BACKUP_BACKUP_H_
#define DAVIT_WORKER_DATABASE_BACKUP_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "common/clock.h"
#include "worker/database/backup/backup_record.h"
#include "worker/database/backup/tools.h"

namespace davit::database {

struct BackupRequest {
  std::string directory;         // made when absent, for the worker's user alone
  LibpqEnvironment environment;  // how the database is reached, PGDATABASE with it
  std::string server;            // see BackupRecord
  std::string server_version;
  std::string deployment;                 // may be empty
  std::string project, environment_name;  // who makes it; may be empty
};

enum class BackupPhase { kDumping, kVerifying };
// How many bytes are written (dumping) or read (verifying).
using BackupProgress = std::function<void(BackupPhase, int64_t bytes)>;

// Makes a backup of the whole database, for the worker's user alone. It has its name
// only when it is on the disk and has been read to its end by pg_restore, and its
// record lies beside it; else nothing of it stays, and an ArchiveFailure says why.
// What an earlier one left that was killed is removed.
absl::StatusOr<BackupRecord> MakeBackup(const Call& call, ToolRunner& tools, const Clock& clock,
                                        const BackupRequest& request,
                                        const BackupProgress& progress);

// Whether a backup is what was recorded, and can be read to its end.
// kArchiveMissing, kArchiveDamaged.
absl::Status VerifyBackup(const Call& call, ToolRunner& tools, const std::string& directory,
                          const BackupRecord& record, const BackupProgress& progress);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_BACKUP_H_
