#ifndef DAVIT_WORKER_STEPS_DATABASE_BACKUP_MESSAGE_H_
#define DAVIT_WORKER_STEPS_DATABASE_BACKUP_MESSAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "davit/v1/deployment.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/database/backup/backup_record.h"

namespace davit::steps {

// A backup that lies in `directory`, without what its record does not know: the name of
// the database in davit.yaml, and the host.
v1::Backup BackupMessage(const database::BackupRecord& record, const std::string& directory);

// The whole backups of a directory, newest first, and what else lies there, by path; none where
// there is no directory.
// BACKUP_FAILED when it cannot be read.
absl::StatusOr<worker::v1::ListBackupsResponse> ListBackupsIn(const std::string& directory);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_BACKUP_MESSAGE_H_
