#include <utility>

#include "worker/steps/database/access.h"
#include "worker/steps/database/migration/run.h"
#include "worker/steps/one_off/run.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

class MigrateDatabaseRunner final : public StepRunner {
 public:
  MigrateDatabaseRunner(RunnerEnvironment environment, absl::Duration start_patience,
                        std::shared_ptr<RunningMigrations> migrations)
      : environment_(std::move(environment)),
        start_patience_(start_patience),
        running_(std::move(migrations)) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const worker::v1::MigrateDatabase& migrate = spec.migrate_database();
    const auto database =
        StepDatabase::Of(migrate.database(), WayIn::kApp, context, *environment_.engine);
    if (!database.ok()) return database.status();
    return MigrationRun(environment_, start_patience_, *database, *running_, migrate, context,
                        reporter)
        .Run();
  }

  absl::Status Replay(const worker::v1::StepSpec&, const StepContext& context,
                      StepReporter& reporter) override {
    return ReplayOneOff(*environment_.engine, context, reporter);
  }

 private:
  const RunnerEnvironment environment_;
  const absl::Duration start_patience_;
  const std::shared_ptr<RunningMigrations> running_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeMigrateDatabaseRunner(
    const RunnerEnvironment& environment, absl::Duration start_patience,
    std::shared_ptr<RunningMigrations> migrations) {
  return std::make_unique<MigrateDatabaseRunner>(environment, start_patience,
                                                 std::move(migrations));
}

}  // namespace davit::steps
