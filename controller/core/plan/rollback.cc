#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "controller/core/database/work.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restore_undo.h"
#include "controller/core/restoration/rollback_command.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using worker::v1::StepSpec;

bool NeedsUndoing(const StepRecord& step) {
  if (!step.has_inverse() || step.view().attempt() == 0) return false;
  if (!step.spec().has_create_resources() || !step.outputs().has_created()) return true;
  const worker::v1::CreatedResources& created = step.outputs().created();
  return created.networks_size() + created.directories_size() + created.volumes_size() > 0;
}

// What has to be gone before a schema is taken back: the containers that use the new one.
// Those of before need the old one, and files and networks the command itself.
bool BelongsToTheNew(const StepRecord& step) {
  const v1::Phase phase = step.view().phase();
  return phase == v1::CONFIRM || (phase == v1::RELEASE && !step.spec().has_stop_container());
}

std::string OldVersion(const StepRecord& step, const worker::v1::PutBack& put_back) {
  const auto number = put_back.record().labels().find(kReleaseLabel);
  if (number == put_back.record().labels().end()) {
    return absl::StrCat("container ", put_back.name());
  }
  return absl::StrCat(step.view().app(), " v", number->second);
}

// Undoes the steps of one deployment, latest first, a chain on each host.
class Rollback {
 public:
  explicit Rollback(const DeploymentState& state)
      : state_(state), plan_(state.record.view().id(), static_cast<int>(state.steps.size())) {
    for (const v1::Release& release : state.record.view().releases()) {
      new_versions_[release.app()] = AppVersion(release.app(), release.number());
    }
  }

  void Undo(const StepRecord& step) {
    NewStep undo{.host = step.view().host(),
                 .app = step.view().app(),
                 .title = TitleOf(step),
                 .spec = step.inverse()};
    if (undo.spec.has_remove_resources() && step.outputs().has_created()) {
      *undo.spec.mutable_remove_resources()->mutable_created() = step.outputs().created();
    }
    Chain(std::move(undo));
    Check(step);
  }

  // Of what the deployment itself has put back.
  void Check(const StepRecord& step) {
    if (step.inverse().has_put_back() && ServesAgain(step)) {
      AddCheck(step, step.inverse().put_back());
    }
  }

  // Goes on with what has a container run again that did not before.
  void GoOnStarting(const StepRecord& step) {
    const worker::v1::PutBack& put_back = step.spec().put_back();
    if (step.view().state() != v1::STEP_SUCCEEDED) {
      Chain({.host = step.view().host(),
             .app = step.view().app(),
             .title = step.view().title(),
             .spec = step.spec()});
    }
    if (!IsChecked(state_, step.view().host(), put_back.name())) AddCheck(step, put_back);
  }

  // Once everything on all hosts that is undone before it is, and before all that comes after.
  void TakeBack(const TakenBack& taken_back) {
    NewStep command = RollbackCommandStep(state_, taken_back, plan_.NextId());
    for (const auto& [host, last] : last_) command.after.push_back(last);
    const int index = plan_.Add(std::move(command));
    for (const std::string& host : state_.record.view().hosts()) last_[host] = index;
  }

  std::vector<StepRecord> Take() && { return std::move(plan_).Take(); }

 private:
  // The one that serves is checked; a leftover has nobody who waits for it.
  bool ServesAgain(const StepRecord& step) const {
    const worker::v1::PutBack& put_back = step.inverse().put_back();
    const std::string& app = step.view().app();
    if (!put_back.was_running()) return false;
    const auto previous = state_.record.previous().find(app);
    return put_back.name() == ServiceName(state_.record.request().spec(), app) ||
           put_back.name() == AdoptedName(state_.record, app) ||
           // It had another name than the app has now.
           (previous != state_.record.previous().end() &&
            put_back.name() == previous->second.container().service_name());
  }

  void AddCheck(const StepRecord& step, const worker::v1::PutBack& put_back) {
    NewStep check{.host = step.view().host(),
                  .app = step.view().app(),
                  .title = absl::StrCat("check health of ", OldVersion(step, put_back))};
    worker::v1::CheckHealth& health = *check.spec.mutable_check_health();
    health.set_container(put_back.name());
    const auto previous = state_.record.previous().find(step.view().app());
    // A container that was started by hand has no check of ours to pass.
    if (put_back.has_record() && previous != state_.record.previous().end()) {
      *health.mutable_healthcheck() = previous->second.healthcheck();
    }
    Chain(std::move(check));
  }

  void Chain(NewStep step) {
    step.phase = v1::ROLLBACK;
    const auto last = last_.find(step.host);
    if (last != last_.end()) step.after = {last->second};
    const std::string host = step.host;
    last_[host] = plan_.Add(std::move(step));
  }

  std::string TitleOf(const StepRecord& step) const {
    const auto found = new_versions_.find(step.view().app());
    const std::string version = found == new_versions_.end() ? step.view().app() : found->second;
    switch (step.inverse().kind_case()) {
      case StepSpec::kPutBack:
        return absl::StrCat("put ", OldVersion(step, step.inverse().put_back()), " back",
                            step.inverse().put_back().was_running() ? "" : ", stopped as it was");
      case StepSpec::kRemoveContainer:
        return absl::StrCat("remove ", version);
      case StepSpec::kSwitchName:
        return absl::StrCat("take the name back from ", version);
      case StepSpec::kSetRestartPolicy:
        return absl::StrCat("take the restart policy back from ", version);
      case StepSpec::kRemoveFiles:
        return absl::StrCat("remove the files of ", version);
      case StepSpec::kDropLoaded:
        return absl::StrCat("drop what was loaded beside database ",
                            step.inverse().drop_loaded().database().name());
      case StepSpec::kRemoveResources:
        return "remove the networks and directories that were made";
      default:
        return absl::StrCat("undo: ", step.view().title());
    }
  }

  const DeploymentState& state_;
  PlanBuilder plan_;
  std::map<std::string, std::string> new_versions_;  // by app
  std::map<std::string, int> last_;                  // step of each host
};

}  // namespace

std::set<std::string> HostsInDoubt(const DeploymentState& state) {
  std::set<std::string> hosts;
  for (const StepRecord& step : state.steps) {
    if (PutsContainersInDoubt(state, step)) hosts.insert(step.view().host());
  }
  return hosts;
}

std::vector<StepRecord> RollbackSteps(const DeploymentState& state) {
  Rollback rollback(state);
  const std::set<std::string> in_doubt = HostsInDoubt(state);
  const bool restored = RestoringStep(state) != nullptr;
  const auto undo = [&](const auto& is_wanted) {
    for (auto step = state.steps.rbegin(); step != state.steps.rend(); ++step) {
      if (in_doubt.contains(step->view().host())) continue;
      if (restored && StartsWhatWasDown(state, *step)) rollback.GoOnStarting(*step);
      if (step->spec().has_stop_container() && IsBack(state, *step)) {
        const std::string& name = step->inverse().put_back().name();
        if (!IsChecked(state, step->view().host(), name)) rollback.Check(*step);
        continue;
      }
      if (step->spec().has_load_backup() && MayBeInPlace(state, *step)) continue;
      if (NeedsUndoing(*step) && is_wanted(*step)) rollback.Undo(*step);
    }
  };
  const std::vector<TakenBack> taken_back = MigrationsToTakeBack(state);
  if (taken_back.empty()) {
    undo([](const StepRecord&) { return true; });
    return std::move(rollback).Take();
  }
  undo(BelongsToTheNew);
  for (const TakenBack& one : taken_back) rollback.TakeBack(one);
  undo([](const StepRecord& step) { return !BelongsToTheNew(step); });
  return std::move(rollback).Take();
}

}  // namespace davit::core
