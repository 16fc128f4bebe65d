#include "worker/steps/registry.h"

#include <memory>

#include "worker/steps/patient_runner.h"
#include "worker/steps/runners.h"

namespace davit::steps {

Runners MakeRunners(const RunnerEnvironment& environment) {
  using worker::v1::StepSpec;
  Runners runners;
  const auto migrations = std::make_shared<RunningMigrations>();
  runners[StepSpec::kObserve] = MakeObserveRunner(environment);
  runners[StepSpec::kResolveImage] = MakeResolveImageRunner(environment);
  runners[StepSpec::kPullImage] = MakePullImageRunner(environment);
  runners[StepSpec::kPreflight] = MakePreflightRunner(environment);
  runners[StepSpec::kCreateResources] = MakeCreateResourcesRunner(environment);
  runners[StepSpec::kRemoveResources] = MakePatient(MakeRemoveResourcesRunner(environment));
  runners[StepSpec::kStopContainer] = MakePatient(MakeStopContainerRunner(environment));
  runners[StepSpec::kPutBack] = MakePatient(MakePutBackRunner(environment));
  runners[StepSpec::kStartContainer] = MakePatient(MakeStartContainerRunner(environment));
  runners[StepSpec::kRemoveContainer] = MakePatient(MakeRemoveContainerRunner(environment));
  runners[StepSpec::kCheckHealth] = MakePatient(MakeCheckHealthRunner(environment));
  runners[StepSpec::kSwitchName] = MakePatient(MakeSwitchNameRunner(environment));
  runners[StepSpec::kSetRestartPolicy] = MakePatient(MakeSetRestartPolicyRunner(environment));
  runners[StepSpec::kWriteFiles] = MakeWriteFilesRunner(environment);
  runners[StepSpec::kRemoveFiles] = MakeRemoveFilesRunner(environment);
  // Patient of itself: whether it may begin again depends on how far it has come.
  runners[StepSpec::kRunOneOff] = MakeRunOneOffRunner(environment);
  runners[StepSpec::kWaitDatabase] = MakeWaitDatabaseRunner(environment);
  runners[StepSpec::kBackupDatabase] = MakeBackupDatabaseRunner(environment);
  runners[StepSpec::kMigrateDatabase] =
      MakeMigrateDatabaseRunner(environment, absl::Seconds(10), migrations);
  runners[StepSpec::kLoadBackup] =
      MakeLoadBackupRunner(environment, database::HostToolPlaces(), migrations);
  runners[StepSpec::kDropLoaded] = MakePatient(MakeDropLoadedRunner(environment));
  // Apps have been stopped for it: an engine that restarts is waited for.
  runners[StepSpec::kRestoreDatabase] =
      MakePatient(MakeRestoreDatabaseRunner(environment, migrations));
  runners[StepSpec::kPrune] = MakePruneRunner(environment);
  return runners;
}

}  // namespace davit::steps
