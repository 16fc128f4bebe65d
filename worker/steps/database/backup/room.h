#ifndef DAVIT_WORKER_STEPS_DATABASE_BACKUP_ROOM_H_
#define DAVIT_WORKER_STEPS_DATABASE_BACKUP_ROOM_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "worker/database/backup/backup.h"

namespace davit::steps {

// How large a backup of the database will at least be: as the last whole one in the
// directory; without one, a tenth of the database less what an empty one has, as indexes
// are not in it and the rest is compressed.
int64_t LeastBackupBytes(const database::BackupRequest& request, int64_t database_bytes);

// A kDiskFull ArchiveFailure where the directory's file system has certainly too little
// room for the backup, before anything is written.
absl::Status CheckBackupRoom(const database::BackupRequest& request, int64_t database_bytes);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_BACKUP_ROOM_H_
