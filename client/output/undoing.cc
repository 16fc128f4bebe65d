#include "client/output/undoing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace davit::output {
namespace {

// Whether a step of the rollback that is of `kind` and for `app` has succeeded.
bool HasUndone(const v1::Deployment& deployment, absl::string_view kind, absl::string_view app) {
  for (const v1::Step& step : deployment.steps()) {
    if (step.phase() == v1::ROLLBACK && step.state() == v1::STEP_SUCCEEDED && step.kind() == kind &&
        step.app() == app) {
      return true;
    }
  }
  return false;
}

// Whether the release was begun on a host where nothing of the app ran before: whatever ran
// is checked once it is put back.
bool RanNowhere(const v1::Deployment& deployment, const std::string& app) {
  const auto is = [&](const v1::Step& step, v1::Phase phase, absl::string_view kind) {
    return step.app() == app && step.phase() == phase && step.kind() == kind && step.attempt() > 0;
  };
  const auto any = [&](v1::Phase phase, absl::string_view kind) {
    return std::any_of(deployment.steps().begin(), deployment.steps().end(),
                       [&](const v1::Step& step) { return is(step, phase, kind); });
  };
  return any(v1::RELEASE, "start_container") && !any(v1::ROLLBACK, "check_health");
}

// What serves again in place of `release`; empty when nothing was there.
std::string Before(const v1::Deployment& deployment, const v1::Release& release) {
  if (RanNowhere(deployment, release.app())) return "";
  if (release.replaces() != 0) return absl::StrCat("v", release.replaces());
  return HasUndone(deployment, "put_back", release.app()) ? "what ran before" : "";
}

}  // namespace

std::string DidNotRun(const v1::Deployment& deployment) {
  std::vector<std::string> names;
  for (const v1::Release& release : deployment.releases()) {
    if (release.replaces() == 0 || !RanNowhere(deployment, release.app())) continue;
    const std::string version = absl::StrCat("v", release.replaces());
    names.push_back(deployment.releases_size() == 1 ? version
                                                    : absl::StrCat(release.app(), " ", version));
  }
  if (names.empty()) return "";
  return names.size() == 1 ? absl::StrCat(names[0], " was not running before, and is not now")
                           : absl::StrCat(absl::StrJoin(names, ", "),
                                          " were not running before, and are not now");
}

Undoing UndoingOf(const v1::Deployment& deployment) {
  std::vector<std::string> names;
  bool checked = true;
  for (const v1::Release& release : deployment.releases()) {
    const std::string before = Before(deployment, release);
    if (before.empty()) continue;
    names.push_back(deployment.releases_size() == 1 ? before
                                                    : absl::StrCat(release.app(), " ", before));
    checked = checked && HasUndone(deployment, "check_health", release.app());
  }
  std::string besides = DidNotRun(deployment);
  if (names.empty()) {
    if (besides.empty()) besides = "nothing was live before";
    return {.text = "removed again", .besides = std::move(besides)};
  }
  return {.text = absl::StrCat("rolled back to ", absl::StrJoin(names, ", "),
                               checked ? " (checked healthy)" : ""),
          .besides = std::move(besides),
          .puts_back = true};
}

}  // namespace davit::output
