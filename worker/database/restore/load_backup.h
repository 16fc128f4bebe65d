#ifndef DAVIT_WORKER_DATABASE_RESTORE_LOAD_BACKUP_H_
#define DAVIT_WORKER_DATABASE_RESTORE_LOAD_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/backup/backup_record.h"
#include "worker/database/backup/tools.h"
#include "worker/database/connection/server_connector.h"

// The first half of a restore: swap_in.h is the second.
namespace davit::database {

struct LoadRequest {
  std::string directory;  // that `backup` is in
  BackupRecord backup;
  std::string database;          // whose place it shall take; must exist
  std::string key;               // of this load alone: names the fresh database
  LibpqEnvironment environment;  // how its server is reached; PGDATABASE does not matter
  absl::Duration lock_patience = absl::Seconds(10);  // see LockRestores
  // Of the applications: its sessions are gone before the swap. Empty: none.
  std::string app_role;
  // How long sessions that the swap could not end may take to end by themselves.
  absl::Duration sessions_patience = absl::Seconds(10);
};

enum class LoadPhase { kChecking, kVerifying, kLoading, kSettling };
// How many bytes of the backup are read, in kVerifying and kLoading.
using LoadProgress = std::function<void(LoadPhase, int64_t bytes)>;

// Verifies a backup, looks whether the role may put it in the database's place and nothing keeps
// that from being replaced (swap_obstacles.h), and reads it into a fresh database,
// RestoringName(database, key), with the owner, encoding and locale of that one, which serves
// meanwhile and is not touched. Turns of migrations that were under way when the backup was made
// are ended in it. Done already by an earlier call with the key: nothing. A failure leaves nothing
// of the fresh one, or says that it could not be dropped; of a worker that is killed, the next load
// for the same database drops it, whosever it is: what is loaded waits for no other restore.
absl::Status LoadBackup(const Call& call, ToolRunner& tools, const DatabaseConnector& connect,
                        const LoadRequest& request, const LoadProgress& progress);

struct DropPatience {
  absl::Duration lock = absl::Seconds(30);    // see LockRestores
  absl::Duration server = absl::Seconds(60);  // while it is started again
};

// Drops what a load with the key has made, whole or not; false: it is not there, as it was never
// made, or is in the database's place by now. Who still loads into it fails. Where a swap
// was broken off by the server's end, connections to the database are allowed again.
absl::StatusOr<bool> DropLoaded(const Call& call, const DatabaseConnector& connect,
                                const std::string& database, const std::string& key,
                                const DropPatience& patience = {});

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_LOAD_BACKUP_H_
