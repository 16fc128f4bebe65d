#ifndef DAVIT_WORKER_DATABASE_RESTORE_H_
#define DAVIT_WORKER_DATABASE_RESTORE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "common/clock.h"
#include "worker/database/backup_record.h"
#include "worker/database/database_swap.h"
#include "worker/database/tools.h"

namespace davit::database {

struct RestoreRequest {
  std::string directory;  // that `backup` is in
  BackupRecord backup;
  std::string database;          // that is replaced; must exist
  LibpqEnvironment environment;  // how its server is reached; PGDATABASE does not matter
  // How long sessions may take to end while connections are refused.
  absl::Duration swap_patience = absl::Seconds(30);
};

enum class RestorePhase { kChecking, kVerifying, kLoading, kSettling, kSwapping };
// How many bytes of the backup are read, in kVerifying and kLoading.
using RestoreProgress = std::function<void(RestorePhase, int64_t bytes)>;

struct RestoreResult {
  std::string before;  // what the old database is called now
};

// Puts what a backup has in the place of a database: into a fresh database first, with
// the old one's owner, encoding, locale, grants and settings, then by two renames. The
// old one serves until then and stays, until told otherwise, under another name. A
// failure at any point leaves it in service with its connections allowed, and nothing of
// the fresh one; where the worker or the server was killed meanwhile, the next restore or
// RepairRestore() does. The applications should be stopped: what they write after the
// backup is in the old database only.
absl::StatusOr<RestoreResult> RestoreBackup(const Call& call, ToolRunner& tools,
                                            const DatabaseConnector& connect, const Clock& clock,
                                            const RestoreRequest& request,
                                            const RestoreProgress& progress);

// After a kill: does nothing where no restore was broken off. kBusy while one is under way.
absl::Status RepairRestore(const Call& call, const DatabaseConnector& connect,
                           const std::string& database);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_H_
