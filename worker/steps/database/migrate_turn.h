#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATE_TURN_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATE_TURN_H_

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call.h"
#include "worker/database/ledger.h"
#include "worker/docker/engine.h"
#include "worker/steps/database/access.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// The migrations that this worker is about, from before they ask for their turn until
// they have compared: to others they are alive whatever their containers are. Thread-safe.
class RunningMigrations {
 public:
  void Add(const database::LedgerClaim& claim);
  void Remove(const database::LedgerClaim& claim);
  bool Has(const database::LedgerClaim& claim) const;

 private:
  mutable absl::Mutex mutex_;
  std::set<std::pair<std::string, std::string>> steps_ ABSL_GUARDED_BY(mutex_);
};

// Where a claim's host is one of several engines that are called alike ("local"): the
// host's name and the engine's id, by which containers are looked for in the right place.
absl::StatusOr<std::string> HostAndEngine(const std::string& host, docker::Engine& engine,
                                          const Call& call);

// A migration's turn by the ledger in its database.
class MigrationTurn {
 public:
  // Nothing is owned. `state_directory` is the worker's own, as one-offs are labelled
  // with it. claim.host is HostAndEngine()'s.
  MigrationTurn(const StepDatabase* database, docker::Engine* engine,
                const RunningMigrations* running, std::string state_directory,
                database::LedgerClaim claim);

  // Waits, and says for whom, until it is ours. A holder whose container is proven dead
  // loses it. The container of the claim is there already, not started: who does not find
  // it may take it for dead. MIGRATION_HELD when it is still held after `patience`.
  absl::Status Take(absl::Duration patience, const Call& call, StepReporter& reporter);
  // Ends it. False: another had taken it away before.
  absl::StatusOr<bool> End(database::LedgerState state, const Call& call) const;
  // Whether Take has written the ledger, and it is not ended.
  bool taken() const { return taken_; }

 private:
  absl::StatusOr<database::BeginResult> Begin(const Call& call) const;
  absl::Status TryOnce(const Call& call, StepReporter& reporter, bool& mine);
  absl::Status Held() const;
  bool IsProvenDead(const database::LedgerEntry& holder, const Call& call) const;
  absl::Status FailureOfLedger(const absl::Status& status) const;

  const StepDatabase* const database_;
  docker::Engine* const engine_;
  const RunningMigrations* const running_;
  const std::string state_directory_;
  const database::LedgerClaim claim_;
  std::optional<database::LedgerEntry> holder_;  // whom it was last waited for
  bool taken_ = false;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATE_TURN_H_
