#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_COMPARISON_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_COMPARISON_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/steps/database/kept_session.h"
#include "worker/steps/database/migration/failure.h"
#include "worker/steps/database/migration/sessions.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// What a migration that has ended, however, has left: compared with what CataloguesBefore
// has of the step. Waits for the server, and for nothing of the step's own time.
class MigrationComparison {
 public:
  // Nothing is owned. `session`: what has been read is read in it, and it is kept if that was soon
  // done; `one_off`: as it was run; `client`: by what its sessions are known; `backup_directory`:
  // empty where no backup was made.
  MigrationComparison(const RunnerEnvironment& environment, KeptSession& session,
                      const worker::v1::RunOneOff& one_off, const MigrationClient& client,
                      const std::string& backup_directory, const StepContext& context,
                      StepReporter& reporter)
      : environment_(environment),
        session_(session),
        one_off_(one_off),
        client_(client),
        backup_directory_(backup_directory),
        context_(context),
        reporter_(reporter) {}

  // The step's result of how its command `ended`: outputs, or a status that has them too
  // (failed_outputs.h). STEP_UNKNOWN where it cannot be compared.
  absl::StatusOr<worker::v1::StepOutputs> Judge(
      const absl::StatusOr<worker::v1::StepOutputs>& ended,
      const std::vector<std::string>& lock_holders);
  // Whether a session may still be at something of the migration's: then its turn is not over.
  bool sessions_left() const { return sessions_left_; }

 private:
  bool IsLeftToTheNext() const { return context_.worker_ends && context_.worker_ends(); }
  absl::StatusOr<database::Catalogue> ReadAfter(bool failed);
  absl::StatusOr<database::Catalogue> TryReadAfter(bool failed, const Call& call);
  absl::StatusOr<std::vector<std::string>> SettleSessions(database::Connection& connection,
                                                          bool failed, const Call& call);
  absl::StatusOr<std::vector<std::string>> MigratedSinceBackup(database::Connection& connection,
                                                               const Call& call) const;
  absl::Status Explain(const absl::Status& ended, FailedMigration failed) const;
  void LookUpWanted(const std::string& output, FailedMigration& failed) const;
  absl::StatusOr<worker::v1::StepOutputs> Unjudged(
      const absl::StatusOr<worker::v1::StepOutputs>& ended, const absl::Status& why) const;

  const RunnerEnvironment& environment_;
  KeptSession& session_;
  const worker::v1::RunOneOff& one_off_;
  const MigrationClient& client_;
  const std::string& backup_directory_;
  const StepContext& context_;
  StepReporter& reporter_;
  bool sessions_left_ = false;
  std::vector<std::string> since_backup_;  // deployments that have migrated, too
};

// The same where another migration took this one's turn meanwhile: what differs may be its
// doing.
absl::StatusOr<worker::v1::StepOutputs> AfterTakeover(
    absl::StatusOr<worker::v1::StepOutputs> judged);

// The same with something more to say, in its summary or among its evidence.
absl::StatusOr<worker::v1::StepOutputs> WithNote(absl::StatusOr<worker::v1::StepOutputs> judged,
                                                 const std::string& note);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_COMPARISON_H_
