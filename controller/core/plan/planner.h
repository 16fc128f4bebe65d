#ifndef DAVIT_CONTROLLER_CORE_PLAN_PLANNER_H_
#define DAVIT_CONTROLLER_CORE_PLAN_PLANNER_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/deployment_state.h"

namespace davit::core {

// The steps that make `state`'s hosts be observed and its images be resolved.
// They change nothing; their outputs are what MakePlan reads.
std::vector<state::v1::StepRecord> SurveySteps(const DeploymentState& state);

// The steps from prepare to confirm, from the spec and the outputs of the
// survey, which must all have succeeded. The same input gives the same steps,
// byte for byte. A failure (carried by the status) when the survey shows that
// no plan can work.
absl::StatusOr<std::vector<state::v1::StepRecord>> MakePlan(const DeploymentState& state);

// Hosts where the outcome of a step is unknown.
std::set<std::string> HostsInDoubt(const DeploymentState& state);

// The steps that undo what `state` shows to have happened, from the inverses of
// the steps that were started, latest first on each host. None on a host in doubt: what
// may still be going on there must not be joined by something else.
std::vector<state::v1::StepRecord> RollbackSteps(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_PLANNER_H_
