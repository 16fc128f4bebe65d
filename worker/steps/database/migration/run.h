#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RUN_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RUN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/steps/database/access.h"
#include "worker/steps/database/kept_session.h"
#include "worker/steps/database/migration/before.h"
#include "worker/steps/database/migration/sessions.h"
#include "worker/steps/database/migration/turn.h"
#include "worker/steps/one_off/container.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// One migration: its turn, the catalogue of before, the one-off, and what differs after.
// The command runs once at most. From when it may have run, whatever ends it is followed by
// a comparison, and the result has it: as outputs, or with the status (failed_outputs.h).
class MigrationRun {
 public:
  // What is given by reference outlives this; so does `database`, the one of `spec`.
  MigrationRun(const RunnerEnvironment& environment, absl::Duration start_patience,
               const StepDatabase& database, RunningMigrations& running,
               const worker::v1::MigrateDatabase& spec, const StepContext& context,
               StepReporter& reporter);

  absl::StatusOr<worker::v1::StepOutputs> Run();

 private:
  absl::StatusOr<database::Connection*> BeginPatiently();
  absl::StatusOr<bool> IsThroughPooler();
  absl::Status RefuseStandby(database::Connection& connection) const;
  absl::StatusOr<worker::v1::StepOutputs> Compared(
      const absl::StatusOr<worker::v1::StepOutputs>& ended);
  absl::Status MakeReady();
  absl::Status Prepare(MigrationTurn& turn);
  bool MayHaveRun() const;
  bool IsLeftToTheNext() const { return context_.worker_ends && context_.worker_ends(); }
  absl::StatusOr<worker::v1::StepOutputs> RunCommand(MigrationTurn& turn);
  void RememberClient(const OneOffContainer& container);

  const RunnerEnvironment& environment_;
  const absl::Duration start_patience_;
  const StepDatabase& database_;
  RunningMigrations& running_;
  const worker::v1::MigrateDatabase& spec_;
  const StepContext& context_;
  StepReporter& reporter_;
  const CataloguesBefore catalogues_;
  KeptSession session_;  // one for all before the command, and another one for all after it
  worker::v1::RunOneOff one_off_;  // as it is run: with settings for sessions
  database::LedgerClaim claim_;
  std::vector<std::string> lock_holders_;
  MigrationClient client_;  // of the command, when that has ended
  bool sessions_left_ = false;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RUN_H_
