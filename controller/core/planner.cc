#include "controller/core/planner.h"

#include "controller/core/plan_builder.h"
#include "controller/core/rollout.h"
#include "controller/core/survey.h"

namespace davit::core {
namespace {

using Placements = std::vector<Placement>;

// Every host, at the same time. Returns the last step of each.
std::vector<int> PlanPreparation(const Rollout& rollout, PlanBuilder& plan) {
  std::vector<int> last;
  for (const Placements& host : rollout.placements) last.push_back(AddPreparation(host, plan));
  return last;
}

// Batch after batch; the hosts of a batch at the same time, the apps of a host
// one after the other. The first batch waits for `barrier`, each further one
// for the batch before. Returns the last steps of the last batch.
std::vector<int> PlanRelease(const Rollout& rollout, std::vector<int> barrier, PlanBuilder& plan) {
  const int hosts = static_cast<int>(rollout.placements.size());
  for (int first = 0; first < hosts;) {
    const int end = rollout.batch < hosts - first ? first + rollout.batch : hosts;
    std::vector<int> last;
    for (; first < end; ++first) {
      std::vector<int> after = barrier;
      for (const Placement& placement : rollout.placements[first]) {
        after = {AddReplacement(placement, rollout.deployment_id, std::move(after), plan)};
      }
      last.push_back(after.front());
    }
    barrier = std::move(last);
  }
  return barrier;
}

// Every host at the same time, a chain on each, so that the next barrier needs
// to name only one step of a host.
template <typename AddStep>
std::vector<int> PlanChains(const Rollout& rollout, const std::vector<int>& barrier,
                            const AddStep& add) {
  std::vector<int> last;
  for (const Placements& host : rollout.placements) {
    std::vector<int> after = barrier;
    for (const Placement& placement : host) after = {add(placement, std::move(after))};
    last.push_back(after.front());
  }
  return last;
}

}  // namespace

absl::StatusOr<std::vector<state::v1::StepRecord>> MakePlan(const DeploymentState& state) {
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return survey.status();
  const absl::StatusOr<std::unique_ptr<Rollout>> made = MakeRollout(state, *survey);
  if (!made.ok()) return made.status();
  const Rollout& rollout = **made;

  PlanBuilder plan(rollout.deployment_id, static_cast<int>(state.steps.size()));
  std::vector<int> barrier = PlanPreparation(rollout, plan);
  barrier = PlanRelease(rollout, std::move(barrier), plan);
  barrier = PlanChains(rollout, barrier, [&](const Placement& placement, std::vector<int> after) {
    return AddRestartPolicy(placement, std::move(after), plan);
  });
  PlanChains(rollout, barrier, [&](const Placement& placement, std::vector<int> after) {
    return AddPrune(placement, state.record, std::move(after), plan);
  });
  return std::move(plan).Take();
}

}  // namespace davit::core
