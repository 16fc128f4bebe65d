#include "controller/core/foresight.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/planner.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

constexpr size_t kHostsNamed = 5;

// A null pointer where no plan can be made.
std::unique_ptr<Rollout> RolloutOf(const DeploymentState& state) {
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return nullptr;
  absl::StatusOr<std::unique_ptr<Rollout>> rollout = MakeRollout(state, *survey);
  return rollout.ok() ? *std::move(rollout) : nullptr;
}

// Sentences that hold for several hosts, in the order in which they first come.
class ByHost {
 public:
  void Add(const std::string& sentence, const std::string& host) {
    const auto [entry, inserted] = hosts_.try_emplace(sentence);
    if (inserted) order_.push_back(sentence);
    if (std::find(entry->second.begin(), entry->second.end(), host) != entry->second.end()) return;
    entry->second.push_back(host);
  }

  std::vector<std::string> Take() const {
    std::vector<std::string> sentences;
    for (const std::string& sentence : order_) {
      sentences.push_back(absl::StrCat(On(hosts_.at(sentence)), ": ", sentence));
    }
    return sentences;
  }

 private:
  static std::string On(std::vector<std::string> hosts) {
    if (hosts.size() > kHostsNamed) return absl::StrCat(hosts.size(), " hosts");
    std::sort(hosts.begin(), hosts.end());
    return absl::StrJoin(hosts, ", ");
  }

  std::map<std::string, std::vector<std::string>> hosts_;
  std::vector<std::string> order_;
};

// As it is when all of it has been begun, and the last of it fails.
DeploymentState Carried(const DeploymentState& state) {
  DeploymentState carried = state;
  for (StepRecord& step : carried.steps) {
    if (step.view().phase() != v1::ROLLBACK) step.mutable_view()->set_attempt(1);
  }
  return carried;
}

std::set<std::string> NotAutomatic(const DeploymentState& state) {
  std::set<std::string> apps;
  for (const v1::Release& release : state.record.view().releases()) {
    const v1::Rollback& wish = state.record.request().spec().apps().at(release.app()).rollback();
    if (wish.has_automatic() && !wish.automatic()) apps.insert(release.app());
  }
  return apps;
}

}  // namespace

std::vector<std::string> PlanNotes(const DeploymentState& state) {
  const std::unique_ptr<Rollout> rollout = RolloutOf(state);
  if (rollout == nullptr) return {};
  ByHost notes;
  for (const std::vector<Placement>& host : rollout->placements) {
    for (const Placement& placement : host) {
      const worker::v1::ObservedContainer* old = placement.before.serving;
      if (old == nullptr || placement.before.serving_release > 0) continue;
      const std::string& app = placement.release->app();
      notes.Add(old->auto_remove()
                    ? absl::StrCat("the container ", old->name(), " is replaced by ", app,
                                   "; it was started with --rm, so it is gone once it is stopped, "
                                   "and cannot be put back")
                    : absl::StrCat("the container ", old->name(),
                                   ", which was not started by Davit, is taken over as the old "
                                   "release of ",
                                   app, ": it is stopped, kept, and put back on failure"),
                placement.host);
    }
  }
  return notes.Take();
}

std::vector<std::string> RollbackForeseen(const DeploymentState& state) {
  if (const std::set<std::string> left = NotAutomatic(state); !left.empty()) {
    return {absl::StrCat("rollback.automatic is off for ", absl::StrJoin(left, ", "),
                         ": once a container was touched, everything is left as it is then")};
  }
  ByHost sentences;
  for (const StepRecord& step : RollbackSteps(Carried(state))) {
    sentences.Add(step.view().title(), step.view().host());
  }
  return sentences.Take();
}

std::vector<PlacementProblem> PlanProblems(const DeploymentState& state) {
  const std::unique_ptr<Rollout> rollout = RolloutOf(state);
  if (rollout == nullptr) return {};
  return rollout->problems;
}

}  // namespace davit::core
