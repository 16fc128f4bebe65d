#include "controller/core/plan/foresight.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/failure/failure.h"
#include "controller/core/comparison/seen_settings.h"
#include "controller/core/database/bystanders.h"
#include "controller/core/database/foresight.h"
#include "controller/core/database/work.h"
#include "controller/core/database/work_down.h"
#include "controller/core/names.h"
#include "controller/core/plan/by_host.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restoration.h"
#include "controller/core/restoration/restoration_plan.h"
#include "controller/core/restoration/restoration_text.h"
#include "controller/core/restoration/restoration_unrecorded.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

constexpr size_t kSettingsNamed = 8;

// A null pointer where no plan can be made.
std::unique_ptr<Rollout> RolloutOf(const DeploymentState& state) {
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return nullptr;
  absl::StatusOr<std::unique_ptr<Rollout>> rollout = MakeRollout(state, *survey);
  return rollout.ok() ? *std::move(rollout) : nullptr;
}

// As it is when all of it has been begun, and the last of it fails.
DeploymentState Carried(const DeploymentState& state) {
  DeploymentState carried = state;
  for (StepRecord& step : carried.steps) {
    if (step.view().phase() == v1::ROLLBACK) continue;
    step.mutable_view()->set_attempt(1);
    if (!step.spec().has_migrate_database()) continue;
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
    step.mutable_outputs()->mutable_migration()->set_meaning(v1::SCHEMA_UNSAFE);
  }
  return carried;
}

void AddTakeover(const Placement& placement, ByHost& notes) {
  const worker::v1::ObservedContainer* old = placement.before.serving;
  if (old == nullptr || placement.before.serving_release > 0) return;
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
  const std::vector<std::string> lost = LostWith(*old, *placement.container);
  if (lost.empty()) return;
  const size_t named = std::min(lost.size(), kSettingsNamed);
  notes.Add(absl::StrCat(NewVersion(placement), " will not have ",
                         lost.size() == 1 ? "a setting" : absl::StrCat(lost.size(), " settings"),
                         " of the container ", old->name(), ": ",
                         absl::StrJoin(absl::MakeConstSpan(lost).first(named), ", "),
                         lost.size() > named ? ", …" : "", "; declare in davit.yaml what it needs"),
            placement.host);
}

// Under the name that its container had then, where the app's has another one now.
bool RunsUnderAnotherName(const Occupants& before, int64_t number) {
  return std::any_of(before.leftovers.begin(), before.leftovers.end(), [&](const auto* container) {
    return IsUp(*container) && ReleaseOf(*container) == number;
  });
}

// In words, that what is live by the records does not run there; empty where it does, or
// where nothing is.
std::string WhatDoesNotRun(const Placement& placement, const state::v1::DeploymentRecord& record) {
  const auto live = record.previous().find(placement.release->app());
  const Occupants& before = placement.before;
  if (live == record.previous().end() || !before.problem.ok()) return "";
  if (before.serving != nullptr && IsUp(*before.serving)) return "";
  if (RunsUnderAnotherName(before, live->second.view().number())) return "";
  return absl::StrCat(AppVersion(placement.release->app(), live->second.view().number()),
                      ", the live release, is not running (",
                      before.serving == nullptr ? "it has no container" : before.serving->state(),
                      "): a rollback cannot bring it back into service");
}

// Of the apps that get no release, but whose database is replaced.
std::vector<std::string> NotesOfOthersDown(const DeploymentState& state) {
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return {};
  absl::StatusOr<Stops> stops = StopsForRestore(state.record, *survey);
  if (!stops.ok()) return {};
  for (const v1::Release& release : state.record.view().releases()) {
    stops->erase(std::remove_if(stops->begin(), stops->end(),
                                [&](const auto& stop) { return stop.app == release.app(); }),
                 stops->end());
  }
  return DownNotes(*stops);
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
  if (IsDatabaseWork(state.record.request())) return DatabaseWorkNotes(state);
  const std::unique_ptr<Rollout> rollout = RolloutOf(state);
  if (rollout == nullptr) return {};
  ByHost notes;
  for (const std::vector<Placement>& host : rollout->placements) {
    for (const Placement& placement : host) {
      AddTakeover(placement, notes);
      const std::string stopped = WhatDoesNotRun(placement, state.record);
      if (!stopped.empty()) notes.Add(stopped, placement.host);
    }
  }
  std::vector<std::string> sentences = RestorationNotes(state.record);
  for (std::string& sentence : DatabaseNotes(state.record)) {
    sentences.push_back(std::move(sentence));
  }
  for (std::string& sentence : BystanderNotes(state)) sentences.push_back(std::move(sentence));
  for (std::string& sentence : SchemaNotes(state.record)) sentences.push_back(std::move(sentence));
  for (std::string& sentence : UnrecordedNotes(*rollout)) sentences.push_back(std::move(sentence));
  for (std::string& sentence : notes.Take()) sentences.push_back(std::move(sentence));
  for (std::string& sentence : NotesOfOthersDown(state)) sentences.push_back(std::move(sentence));
  return sentences;
}

std::vector<PlacementProblem> PlanWarnings(const DeploymentState& state) {
  const std::unique_ptr<Rollout> rollout = RolloutOf(state);
  if (rollout == nullptr) return {};
  std::vector<PlacementProblem> warnings;
  for (const std::vector<Placement>& host : rollout->placements) {
    for (const Placement& placement : host) {
      const std::string stopped = WhatDoesNotRun(placement, state.record);
      if (stopped.empty()) continue;
      const bool gone = placement.before.serving == nullptr;
      v1::Failure failure = MakeFailure(gone ? v1::CONTAINER_GONE : v1::CONTAINER_EXITED, stopped);
      failure.set_likely_cause("somebody has stopped or removed its container, or it has ended");
      failure.set_next_command(absl::StrCat("look at `davit status -e ",
                                            state.record.view().environment(), "`, then deploy"));
      warnings.push_back({placement.host, placement.release->app(), FailureStatus(failure)});
    }
  }
  return warnings;
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
  std::vector<std::string> foreseen = sentences.Take();
  for (std::string& sentence : SchemaForeseen(state)) {
    foreseen.push_back(std::move(sentence));
  }
  return foreseen;
}

std::vector<PlacementProblem> PlanProblems(const DeploymentState& state) {
  const std::unique_ptr<Rollout> rollout = RolloutOf(state);
  if (rollout == nullptr) return {};
  return rollout->problems;
}

}  // namespace davit::core
