#include "controller/core/database/bystander.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/users.h"
#include "controller/core/database/work_down.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

bool IsReleased(const DeploymentState& state, const std::string& app) {
  const auto& releases = state.record.view().releases();
  return std::any_of(releases.begin(), releases.end(),
                     [&](const v1::Release& release) { return release.app() == app; });
}

// Of this environment, as they run.
void AddRunning(const DeploymentState& state, const std::string& app,
                std::vector<Bystander>& found) {
  const ObservedContainer* running = nullptr;
  for (const state::v1::StepRecord& step : state.steps) {
    if (!step.spec().has_observe()) continue;
    for (const ObservedContainer& container : step.outputs().observe().containers()) {
      if (IsUp(container) && IsContainerOf(container, app, state.record)) running = &container;
    }
  }
  if (running == nullptr) return;
  const int64_t number = ReleaseOf(*running);
  found.push_back({.project = state.record.view().project(),
                   .environment = state.record.view().environment(),
                   .app = app,
                   .name = number == 0 ? app : AppVersion(app, number),
                   .made_by = std::string(LabelOf(*running, kDeploymentLabel))});
}

// Of others, as they are on record.
void AddOther(const DeploymentState& state, const state::v1::DatabaseUser& user,
              std::vector<Bystander>& found) {
  const v1::Release& release = user.release();
  const v1::Deployment& view = state.record.view();
  const bool is_here =
      release.project() == view.project() && release.environment() == view.environment();
  if (is_here && IsReleased(state, release.app())) return;
  found.push_back({.project = release.project(),
                   .environment = release.environment(),
                   .app = release.app(),
                   .name = OtherUserName(state.record, user),
                   .made_by = release.deployment_id()});
}

bool IsBeside(const Bystander& one, const Bystander& other) {
  return one.project == other.project && one.environment == other.environment;
}

}  // namespace

std::vector<Bystander> BystandersOf(const DeploymentState& state, const std::string& database) {
  std::vector<Bystander> found;
  for (const std::string& app : UsersOf(state.record.request().spec(), database)) {
    if (!IsReleased(state, app)) AddRunning(state, app, found);
  }
  for (const state::v1::DatabaseUser* user : OtherUsersOf(state.record, database)) {
    AddOther(state, *user, found);
  }
  return found;
}

std::string BystanderNames(const std::vector<Bystander>& bystanders) {
  return absl::StrJoin(bystanders, ", ", [](std::string* text, const Bystander& bystander) {
    text->append(bystander.name);
  });
}

std::string DeployCommands(const DeploymentState& state, const std::vector<Bystander>& bystanders) {
  std::vector<std::string> commands;
  for (size_t i = 0; i < bystanders.size();) {
    const Bystander& first = bystanders[i];
    std::string apps;
    for (; i < bystanders.size() && IsBeside(first, bystanders[i]); ++i) {
      absl::StrAppend(&apps, " ", bystanders[i].app);
    }
    commands.push_back(absl::StrCat("`davit deploy", apps, " -e ", first.environment, "`",
                                    first.project == state.record.view().project()
                                        ? ""
                                        : absl::StrCat(" (project ", first.project, ")")));
  }
  return absl::StrJoin(commands, " and ");
}

}  // namespace davit::core
