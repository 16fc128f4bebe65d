// The containers of a restore, by what its steps tell.
#include <array>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/work_stops.h"
#include "controller/core/names.h"
#include "controller/core/restoration/restore_end.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using worker::v1::PutBack;

struct Followed {
  RestoredApp app;
  bool untouched = false;  // it runs as it did
};

// First all that the plan has, then what became of them.
class AppsFollowed {
 public:
  explicit AppsFollowed(const state::v1::DeploymentRecord& record) : record_(record) {}

  // What a step of the plan stops runs; what it only starts does not.
  void Plan(const StepRecord& step) {
    if (step.view().phase() == v1::ROLLBACK) return;
    if (step.spec().has_stop_container()) {
      const PutBack& back = step.inverse().put_back();
      Followed& stopped = Add(step, back.name(), VersionOf(step, back));
      stopped.untouched = true;
      stopped.app.policy = back.restart_policy();
    } else if (step.spec().has_put_back()) {
      const PutBack& back = step.spec().put_back();
      Followed& down = Add(step, back.name(), VersionOf(step, back));
      down.app.policy = back.restart_policy();
      down.app.gone = back.container_id() == kNoContainer;
    } else if (step.spec().has_check_health() && step.warn_only()) {
      const auto live = record_.previous().find(step.view().app());
      if (live == record_.previous().end()) return;
      Add(step, step.spec().check_health().container(),
          AppVersion(live->first, live->second.view().number()))
          .app.left = true;
    }
  }

  // What is looked at to be confirmed is the new container, by the name of the old one.
  void Apply(const StepRecord& step) {
    if (step.view().attempt() == 0) return;
    const v1::StepState state = step.view().state();
    const bool done = state == v1::STEP_SUCCEEDED;
    const bool unknown = state == v1::STEP_UNKNOWN_OUTCOME;
    if (step.spec().has_stop_container()) {
      Set(step, step.inverse().put_back().name(),
          done ? RestoredApp::kDown : RestoredApp::kUnknown);
    } else if (step.spec().has_put_back() && step.spec().put_back().was_running()) {
      if (done) Set(step, step.spec().put_back().name(), RestoredApp::kRuns);
      if (unknown) Set(step, step.spec().put_back().name(), RestoredApp::kUnknown);
    } else if (step.spec().has_check_health() && step.view().phase() != v1::CONFIRM) {
      const std::string& name = step.spec().check_health().container();
      if (done) Set(step, name, RestoredApp::kHealthy);
      if (state == v1::STEP_FAILED) Set(step, name, RestoredApp::kSick);
    }
  }

  std::vector<RestoredApp> Take() && {
    std::vector<RestoredApp> apps;
    for (Followed& one : apps_) {
      if (!one.untouched) apps.push_back(std::move(one.app));
    }
    return apps;
  }

 private:
  using Key = std::pair<std::string, std::string>;  // host, name

  static std::string VersionOf(const StepRecord& step, const PutBack& back) {
    const auto number = back.record().labels().find(kReleaseLabel);
    return number == back.record().labels().end()
               ? absl::StrCat("container ", back.name())
               : AppVersion(step.view().app(), Number(number->second));
  }

  static int64_t Number(const std::string& text) {
    int64_t number = 0;
    return absl::SimpleAtoi(text, &number) ? number : 0;
  }

  Followed& Add(const StepRecord& step, const std::string& name, const std::string& version) {
    const auto [entry, inserted] = index_.try_emplace(Key(step.view().host(), name), apps_.size());
    if (inserted) {
      apps_.push_back({.app = {.host = step.view().host(),
                               .app = step.view().app(),
                               .version = version,
                               .name = name}});
    }
    return apps_[entry->second];
  }

  void Set(const StepRecord& step, const std::string& name, RestoredApp::State is) {
    const auto found = index_.find(Key(step.view().host(), name));
    if (found == index_.end()) return;
    apps_[found->second].app.is = is;
    apps_[found->second].untouched = false;
  }

  const state::v1::DeploymentRecord& record_;
  std::map<Key, size_t> index_;
  std::vector<Followed> apps_;
};

struct Kind {
  RestoredApp::State is;
  absl::string_view one, several, behind;
};

constexpr std::array<Kind, 5> kKinds = {
    Kind{RestoredApp::kDown, " is down on ", " are down on ", ""},
    Kind{RestoredApp::kUnknown, " may be down on ", " may be down on ",
         ": nobody knows how its last step ended"},
    Kind{RestoredApp::kSick, " is not healthy on ", " are not healthy on ", ""},
    Kind{RestoredApp::kRuns, " runs again on ", " run again on ", ", and was not checked"},
    Kind{RestoredApp::kHealthy, " runs again on ", " run again on ", " (checked healthy)"}};

}  // namespace

std::vector<RestoredApp> RestoredApps(const DeploymentState& state) {
  AppsFollowed apps(state.record);
  for (const StepRecord& step : state.steps) apps.Plan(step);
  for (const StepRecord& step : state.steps) apps.Apply(step);
  return std::move(apps).Take();
}

std::vector<std::string> AppsNow(const std::vector<RestoredApp>& apps) {
  std::vector<std::string> sentences;
  for (const Kind& kind : kKinds) {
    std::map<std::string, std::vector<std::string>> versions;  // by host
    for (const RestoredApp& app : apps) {
      if (app.is == kind.is) versions[app.host].push_back(app.version);
    }
    std::map<std::string, std::vector<std::string>> hosts;  // by what is so on them
    for (const auto& [host, which] : versions) {
      hosts[absl::StrCat(absl::StrJoin(which, ", "), which.size() == 1 ? kind.one : kind.several)]
          .push_back(host);
    }
    for (const auto& [what, where] : hosts) {
      sentences.push_back(absl::StrCat(what, absl::StrJoin(where, ", "), kind.behind));
    }
  }
  return sentences;
}

}  // namespace davit::core
