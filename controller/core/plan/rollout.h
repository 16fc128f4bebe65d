#ifndef DAVIT_CONTROLLER_CORE_PLAN_ROLLOUT_H_
#define DAVIT_CONTROLLER_CORE_PLAN_ROLLOUT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/database/steps.h"
#include "controller/core/deployment_state.h"
#include "controller/core/observed.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/survey.h"

namespace davit::core {

// One app on one host, with all that its steps are made of.
struct Placement {
  std::string host;
  const v1::Release* release = nullptr;
  const v1::App* app = nullptr;
  const worker::v1::ContainerSpec* container = nullptr;
  const worker::v1::ResolvedImage* image = nullptr;
  Occupants before;
  bool stopped = false;  // what runs of the app is, before any release is started
};

// Why an app cannot be placed on a host.
struct PlacementProblem {
  std::string host;
  std::string app;
  absl::Status status;
};

// Everything that a plan is computed from. Points into the state, which
// outlives it.
struct Rollout {
  std::string deployment_id;
  std::map<std::string, worker::v1::ContainerSpec> containers;  // by app
  DatabaseAccesses databases;                                   // those that are waited for
  // By host in rollout order, then by app in the order of release.
  std::vector<std::vector<Placement>> placements;
  int batch = 1;  // hosts at a time
  // What is in the way of an app on a host, which is then not placed there, but in a check.
  std::vector<PlacementProblem> problems;
  const state::v1::DeploymentRecord* record = nullptr;
};

// As MakePlan fails, but for `problems`.
absl::StatusOr<std::unique_ptr<Rollout>> MakeRollout(const DeploymentState& state,
                                                     const Survey& survey);

// A step of this app on this host.
NewStep StepFor(const Placement& placement, v1::Phase phase, std::vector<int> after);
// "web v2", the release that is placed.
std::string NewVersion(const Placement& placement);
// A stopped one is in nobody's way.
std::vector<const worker::v1::ObservedContainer*> RunningLeftovers(const Placement& placement);

// Appends the steps of one host that leave alone what runs there; a kind that would
// have nothing to do is left out.
void AddPreparation(const std::vector<Placement>& placements, const Rollout& rollout,
                    PlanBuilder& plan);

// Appends the steps that replace one container: stop, start, check, switch. The
// first waits for `after`. Returns the index of the last.
int AddReplacement(const Placement& placement, const std::string& deployment_id,
                   std::vector<int> after, PlanBuilder& plan);

// Appends the step that makes the container survive a restart of the engine, where it is declared
// to, and in any case fails where it has ended since it was healthy; or the one that clears up.
int AddConfirmation(const Placement& placement, std::vector<int> after, PlanBuilder& plan);
int AddPrune(const Placement& placement, const state::v1::DeploymentRecord& record,
             std::vector<int> after, PlanBuilder& plan);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_ROLLOUT_H_
