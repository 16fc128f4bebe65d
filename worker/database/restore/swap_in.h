#ifndef DAVIT_WORKER_DATABASE_RESTORE_SWAP_IN_H_
#define DAVIT_WORKER_DATABASE_RESTORE_SWAP_IN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call.h"
#include "worker/database/connection/server_connector.h"

// The second half of a restore: load_backup.h is the first.
namespace davit::database {

struct SwapRequest {
  std::string database;  // that is replaced
  std::string key;       // of the load
  std::string file;      // of the backup that was loaded
  absl::Time begun;      // to the millisecond: names the old database
  bool resumed = false;  // an earlier call with this key and time may have done it
  // How long sessions may take to end while connections are refused.
  absl::Duration patience = absl::Seconds(30);
  absl::Duration lock_patience = absl::Seconds(45);  // see LockRestores
  // How long a server that was lost in the swap may take to answer again.
  absl::Duration return_patience = absl::Seconds(60);
  // Called with LockRestores() held, the last before anything of the served database is changed;
  // not where the swap was done before. An error of it is SwapIn's.
  std::function<absl::Status()> before_swap;
};

struct SwapResult {
  std::string before;  // what the old database is called now
  // Names of the old one's settings that the role may not set, and the new one has not.
  std::vector<std::string> left_out;
};

// Puts what LoadBackup has made in the place of a database by two renames, with the owner,
// grants and settings that the old one has now. That stays, until told otherwise, under
// another name. kLoadedGone, before anything is changed, where there is nothing whole with the
// key: another restore has removed it. A failure at any point leaves the old one in service with
// its connections allowed, and the fresh one beside it: DropLoaded() is what undoes the load.
// kOutcomeUnknown: the server was lost while they changed places, and did not come back. The
// applications should be stopped: what they write after the backup is in the old database only.
absl::StatusOr<SwapResult> SwapIn(const Call& call, const DatabaseConnector& connect,
                                  const SwapRequest& request);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_SWAP_IN_H_
