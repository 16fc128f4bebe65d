#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_TURN_HOLDER_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_TURN_HOLDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/migration/ledger.h"
#include "worker/docker/engine.h"
#include "worker/steps/database/access.h"
#include "worker/steps/database/migration/running_migrations.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// Where a claim's host is one of several engines that are called alike ("local"): the
// host's name and the engine's id, by which containers are looked for in the right place.
absl::StatusOr<std::string> HostAndEngine(const std::string& host, docker::Engine& engine,
                                          const Call& call);

// By what a worker judges who has the turn of a database.
class TurnHolder {
 public:
  // Nothing is owned. `host`: HostAndEngine()'s; empty where the step does not know it:
  // then a container proves nothing by being gone. `state_directory` is the worker's own, as
  // one-offs are labelled with it.
  TurnHolder(const StepDatabase* database, docker::Engine* engine, const RunningMigrations* running,
             std::string state_directory, std::string host)
      : database_(database),
        engine_(engine),
        running_(running),
        state_directory_(std::move(state_directory)),
        host_(std::move(host)) {}

  // Whether nothing of the holder goes on: a migration by its container, as far as it is on
  // this engine; a restore by its lock, asked for over `connection`. For who has the restores'
  // lock itself, every other restore is dead.
  bool IsProvenDead(const database::LedgerEntry& holder, database::Connection& connection,
                    bool has_restores_lock, const Call& call) const;
  // MIGRATION_HELD: who has the turn, for how long, the sessions that are `left` of one that is
  // dead, and the ways out.
  absl::Status Held(const database::LedgerEntry& holder,
                    const std::vector<std::string>& left = {}) const;
  // The same where somebody has it who is not proven dead. For a restore, long before it
  // takes the turn: what it would do until then would be in vain.
  absl::Status RefuseWhileHeld(const Call& call) const;
  // What a person is told of an error of the ledger.
  absl::Status FailureOfLedger(const absl::Status& status) const;

 private:
  bool IsOnThisEngine(const database::LedgerEntry& holder, const Call& call) const;
  bool HasEndedHere(const database::LedgerEntry& holder, const Call& call) const;

  const StepDatabase* const database_;
  docker::Engine* const engine_;
  const RunningMigrations* const running_;
  const std::string state_directory_;
  const std::string host_;
};

// How a restore comes to the ledger, in this order: as migrations do, so that it is theirs where
// it has to be made; and where that is denied, as backups do.
std::vector<WayIn> WaysToLedger(const worker::v1::DatabaseAccess& access);

// TurnHolder's RefuseWhileHeld() for a step of a restore.
absl::Status RefuseWhileMigrated(const worker::v1::DatabaseAccess& access,
                                 const RunnerEnvironment& environment,
                                 const RunningMigrations& running, const StepContext& context);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_TURN_HOLDER_H_
