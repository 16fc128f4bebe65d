#ifndef DAVIT_WORKER_STEPS_RUNNERS_H_
#define DAVIT_WORKER_STEPS_RUNNERS_H_

#include <memory>

#include "absl/time/time.h"
#include "worker/database/backup/tools.h"
#include "worker/steps/database/migration/running_migrations.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// One function for each kind of step; each lies in a file of its own, where the
// rules of the kind are. All runners may be run again after a restart.
std::unique_ptr<StepRunner> MakeObserveRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeResolveImageRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakePullImageRunner(const RunnerEnvironment& environment,
                                                absl::Duration stall_limit = absl::Minutes(2));
std::unique_ptr<StepRunner> MakePreflightRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeCreateResourcesRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeRemoveResourcesRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeStopContainerRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakePutBackRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeStartContainerRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeRemoveContainerRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeCheckHealthRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeSwitchNameRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeSetRestartPolicyRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeWriteFilesRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeRemoveFilesRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeRunOneOffRunner(
    const RunnerEnvironment& environment,
    // How long a start whose answer was lost may still be on its way.
    absl::Duration start_patience = absl::Seconds(10));
std::unique_ptr<StepRunner> MakeWaitDatabaseRunner(const RunnerEnvironment& environment);
// `places`: where the host has pg_dump and pg_restore.
std::unique_ptr<StepRunner> MakeBackupDatabaseRunner(
    const RunnerEnvironment& environment, database::ToolPlaces places = database::HostToolPlaces());
// `migrations`: those of this worker, for all three that have to do with their turn.
std::unique_ptr<StepRunner> MakeLoadBackupRunner(
    const RunnerEnvironment& environment, database::ToolPlaces places = database::HostToolPlaces(),
    std::shared_ptr<const RunningMigrations> migrations = std::make_shared<RunningMigrations>());
std::unique_ptr<StepRunner> MakeDropLoadedRunner(const RunnerEnvironment& environment);
std::unique_ptr<StepRunner> MakeRestoreDatabaseRunner(
    const RunnerEnvironment& environment,
    std::shared_ptr<const RunningMigrations> migrations = std::make_shared<RunningMigrations>());
std::unique_ptr<StepRunner> MakeMigrateDatabaseRunner(
    const RunnerEnvironment& environment, absl::Duration start_patience = absl::Seconds(10),
    std::shared_ptr<RunningMigrations> migrations = std::make_shared<RunningMigrations>());
std::unique_ptr<StepRunner> MakePruneRunner(const RunnerEnvironment& environment);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_RUNNERS_H_
