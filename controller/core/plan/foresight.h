#ifndef DAVIT_CONTROLLER_CORE_PLAN_FORESIGHT_H_
#define DAVIT_CONTROLLER_CORE_PLAN_FORESIGHT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/core/deployment_state.h"
#include "controller/core/plan/rollout.h"

// What a plan means, in sentences. All of it is computed from the state once more, which
// must have its survey; empty where no plan can be made.
namespace davit::core {

// What is worth saying: whose containers are taken over, which of them cannot be put
// back, what the new ones will not have of them, and what is live and does not run.
std::vector<std::string> PlanNotes(const DeploymentState& state);

// What is live by the records and does not run, app by app on each host: a deployment goes
// on nevertheless.
std::vector<PlacementProblem> PlanWarnings(const DeploymentState& state);

// What an automatic rollback would do if the last of `state`'s planned steps that can be
// undone failed, in order.
std::vector<std::string> RollbackForeseen(const DeploymentState& state);

// What is in the way of a plan, app by app on each host.
std::vector<PlacementProblem> PlanProblems(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_FORESIGHT_H_
