#include "controller/core/plan/planner.h"

#include "controller/core/database/work.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/rollout.h"
#include "controller/core/plan/survey.h"
#include "controller/core/plan/task_steps.h"
#include "controller/core/restoration/restoration_plan.h"
#include "controller/core/restoration/restoration_unrecorded.h"

namespace davit::core {
namespace {

using Placements = std::vector<Placement>;

// A host after the other is planned; they work at the same time, each one app after
// the other.
template <typename AddSteps>
void PlanChain(const Placements& host, PlanBuilder& plan, const AddSteps& add) {
  std::vector<int> after;
  for (const Placement& placement : host) after = {add(placement, std::move(after), plan)};
}

// Batch after batch.
void PlanRelease(const Rollout& rollout, PlanBuilder& plan) {
  int planned = 0;
  for (const Placements& host : rollout.placements) {
    if (planned++ % rollout.batch == 0) plan.NextWave();
    PlanChain(host, plan, [&](const Placement& placement, std::vector<int> after, PlanBuilder& to) {
      return AddReplacement(placement, rollout.deployment_id, std::move(after), to);
    });
  }
}

}  // namespace

absl::StatusOr<std::vector<state::v1::StepRecord>> MakePlan(const DeploymentState& state) {
  if (IsDatabaseWork(state.record.request())) return MakeDatabasePlan(state);
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return survey.status();
  const absl::StatusOr<std::unique_ptr<Rollout>> made = MakeRollout(state, *survey);
  if (!made.ok()) return made.status();
  const Rollout& rollout = **made;
  // Who only checks wants to know of the others, too.
  if (!rollout.problems.empty() && !state.record.check_only()) {
    return rollout.problems.front().status;
  }

  if (absl::Status status = CheckUnrecorded(rollout); !status.ok()) return status;
  PlanBuilder plan(rollout.deployment_id, static_cast<int>(state.steps.size()));
  plan.NextWave();
  for (const Placements& host : rollout.placements) AddPreparation(host, rollout, plan);
  if (state.record.check_only()) return std::move(plan).Take();
  AddSchemaCommands(state.record, plan);
  AddMigrations(state.record, rollout.databases, rollout.containers, plan);
  if (absl::Status status = AddTasks(rollout, plan); !status.ok()) return status;
  const absl::StatusOr<Stops> stops = StopsForRestore(state.record, *survey);
  if (!stops.ok()) return stops.status();
  if (absl::Status status = AddRestores(state.record, *stops, plan); !status.ok()) return status;
  PlanRelease(rollout, plan);
  AddOthersBack(state.record, *stops, plan);
  plan.NextWave();
  for (const Placements& host : rollout.placements) PlanChain(host, plan, AddConfirmation);
  plan.NextWave();
  for (const Placements& host : rollout.placements) {
    PlanChain(host, plan, [&](const Placement& placement, std::vector<int> after, PlanBuilder& to) {
      return AddPrune(placement, state.record, std::move(after), to);
    });
  }
  return std::move(plan).Take();
}

}  // namespace davit::core
