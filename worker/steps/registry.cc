#include "worker/steps/registry.h"

#include "worker/steps/runners.h"

namespace davit::steps {

Runners MakeRunners(const RunnerEnvironment& environment) {
  using worker::v1::StepSpec;
  Runners runners;
  runners[StepSpec::kObserve] = MakeObserveRunner(environment);
  runners[StepSpec::kResolveImage] = MakeResolveImageRunner(environment);
  runners[StepSpec::kPullImage] = MakePullImageRunner(environment);
  runners[StepSpec::kPreflight] = MakePreflightRunner(environment);
  runners[StepSpec::kCreateResources] = MakeCreateResourcesRunner(environment);
  runners[StepSpec::kRemoveResources] = MakeRemoveResourcesRunner(environment);
  runners[StepSpec::kStopContainer] = MakeStopContainerRunner(environment);
  runners[StepSpec::kPutBack] = MakePutBackRunner(environment);
  runners[StepSpec::kStartContainer] = MakeStartContainerRunner(environment);
  runners[StepSpec::kRemoveContainer] = MakeRemoveContainerRunner(environment);
  runners[StepSpec::kCheckHealth] = MakeCheckHealthRunner(environment);
  runners[StepSpec::kSwitchName] = MakeSwitchNameRunner(environment);
  runners[StepSpec::kSetRestartPolicy] = MakeSetRestartPolicyRunner(environment);
  runners[StepSpec::kPrune] = MakePruneRunner(environment);
  return runners;
}

}  // namespace davit::steps
