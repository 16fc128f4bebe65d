#ifndef DAVIT_WORKER_SERVICE_JOURNAL_H_
#define DAVIT_WORKER_SERVICE_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace SQLite {
class Database;
}  // namespace SQLite

namespace davit::service {

// What a fence guards.
struct Scope {
  std::string cluster_id;
  std::string project;
  std::string environment;

  auto operator<=>(const Scope&) const = default;
};
Scope ScopeOf(const worker::v1::StepKey& key);

// A fence that was seen.
struct Fence {
  int64_t number = 0;         // 0: none
  std::string deployment_id;  // whose it is; empty: kept by an older version
};

// What the worker has promised to do. Holds no secrets.
struct Intent {
  worker::v1::StepKey key;
  int64_t fence = 0;
  worker::v1::StepSpec spec;
  absl::Duration timeout;
  absl::Time time;  // of the promise; the timeout counts from here
};

struct JournaledStep {
  Intent intent;
  bool cancel_requested = false;
  bool disowned = false;  // begun for a controller that the worker no longer follows
  std::optional<worker::v1::StepFinished> finished;
};

// What the worker has promised and done, on disk: SQLite, WAL, synchronous=FULL.
// Whatever a method has returned OK for survives a crash. One process at a time:
// the file is locked. Thread-safe. Errors carry DISK_FULL or INTERNAL.
class Journal {
 public:
  // Makes the file, with a random id, when there is none. FAILED_PRECONDITION when
  // another process has it open or a newer version wrote it.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path);
  ~Journal();

  const std::string& id() const { return id_; }

  // The intent, and what is acknowledged with it, in one write.
  absl::Status WriteIntent(const Intent& intent,
                           absl::Span<const worker::v1::StepKey> acknowledged = {});
  absl::Status WriteCancelRequest(const worker::v1::StepKey& key);
  absl::Status WriteResult(const worker::v1::StepKey& key,
                           const worker::v1::StepFinished& finished);
  // Leaves a tombstone where each step was; OK when it was acknowledged already.
  absl::Status Acknowledge(absl::Span<const worker::v1::StepKey> keys);
  // As if the intent had never been written.
  absl::Status Withdraw(const worker::v1::StepKey& key);

  // The step unless it is unheard of or acknowledged.
  absl::StatusOr<std::optional<JournaledStep>> Find(const worker::v1::StepKey& key);
  absl::StatusOr<bool> IsAcknowledged(const worker::v1::StepKey& key);
  // Highest attempt of the step that was ever begun, acknowledged or not; 0: none.
  absl::StatusOr<int> HighestAttempt(const worker::v1::StepKey& key);
  // Steps that are not acknowledged, oldest first; of one cluster, or of all when empty.
  absl::StatusOr<std::vector<JournaledStep>> Unacknowledged(const std::string& cluster_id);

  // Highest fence that was seen.
  absl::StatusOr<Fence> HighestFence(const Scope& scope);
  // Keeps `fence`, if it is the highest, and drops what has ended under lower ones:
  // whoever could ask for it would be refused.
  absl::Status RaiseFence(const Scope& scope, const Fence& fence);
  // Of all environments of the cluster that have one, by project and environment.
  absl::StatusOr<std::vector<worker::v1::EnvironmentFence>> Fences(const std::string& cluster_id);

  // The controller that the worker follows for the cluster; empty: none yet.
  absl::StatusOr<std::string> Followed(const std::string& cluster_id);
  // Follows the controller unless one is followed already.
  absl::Status Follow(const std::string& cluster_id, const std::string& controller_id);
  // Follows the controller, whoever was followed, and disowns what was begun for
  // another one and is not acknowledged. Changes nothing when it is followed already.
  absl::Status Adopt(const std::string& cluster_id, const std::string& controller_id);

 private:
  explicit Journal(std::unique_ptr<SQLite::Database> database);
  absl::Status Prepare();
  // Runs body(database) under the lock; the one place where exceptions end.
  template <typename Body>
  auto WithDatabase(Body body);  // in journal_sql.h

  absl::Mutex mutex_;
  std::unique_ptr<SQLite::Database> database_ ABSL_PT_GUARDED_BY(mutex_);
  std::string id_;  // constant once Open has returned
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_JOURNAL_H_
