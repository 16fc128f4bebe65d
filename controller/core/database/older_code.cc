#include "controller/core/database/older_code.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/users.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using worker::v1::ObservedContainer;

constexpr size_t kOthersNamed = 3;

// What stands where the app's container will be, whether it runs or not, or is another of its
// containers and runs.
bool IsOfApp(const ObservedContainer& container, const std::string& app,
             const DeploymentRecord& record) {
  const v1::EnvironmentSpec& spec = record.request().spec();
  if (container.name() == ServiceName(spec, app)) return true;
  if (container.name() == AdoptedName(record, app)) return true;
  return IsUp(container) && LabelOf(container, kAppLabel) == app &&
         LabelOf(container, kProjectLabel) == spec.project() &&
         LabelOf(container, kEnvironmentLabel) == spec.environment();
}

// Who migrates it may use it too, whatever davit.yaml says.
std::set<std::string> UsersAndMigrating(const v1::EnvironmentSpec& spec,
                                        const std::string& database) {
  std::set<std::string> apps = UsersOf(spec, database);
  const auto declared = spec.databases().find(database);
  if (declared != spec.databases().end() && declared->second.has_migrate()) {
    apps.insert(declared->second.migrate().app());
  }
  return apps;
}

bool IsLive(const DeploymentRecord& record, const std::set<std::string>& users,
            const std::string& database) {
  return std::any_of(record.previous().begin(), record.previous().end(), [&](const auto& previous) {
    const auto& [app, release] = previous;
    return users.contains(app) || release.app().database() == database ||
           release.database().database() == database;
  });
}

bool IsOlderCodeHere(const DeploymentState& state, const std::string& database) {
  const std::set<std::string> users = UsersAndMigrating(state.record.request().spec(), database);
  if (IsLive(state.record, users, database)) return true;
  std::set<std::string> unseen(state.record.view().hosts().begin(),
                               state.record.view().hosts().end());
  for (const state::v1::StepRecord& step : state.steps) {
    if (!step.spec().has_observe() || !step.outputs().has_observe()) continue;
    unseen.erase(step.view().host());
    for (const ObservedContainer& container : step.outputs().observe().containers()) {
      const auto is_of = [&](const std::string& app) {
        return IsOfApp(container, app, state.record);
      };
      if (std::any_of(users.begin(), users.end(), is_of)) return true;
    }
  }
  return !unseen.empty();
}

}  // namespace

OlderCode OlderCodeOf(const DeploymentState& state, const std::string& database) {
  return {.is_here = IsOlderCodeHere(state, database),
          .others = OtherUsersOf(state.record, database)};
}

std::string OlderCodeName(const DeploymentRecord& record, const OlderCode& code,
                          absl::string_view here) {
  std::vector<std::string> names;
  if (code.is_here) names.emplace_back(here);
  for (const state::v1::DatabaseUser* user : code.others) {
    names.push_back(OtherUserName(record, *user));
  }
  const size_t most = kOthersNamed + (code.is_here ? 1 : 0);
  if (names.size() > most) {
    const size_t more = names.size() - most;
    names.resize(most);
    names.push_back(absl::StrCat(more, " more"));
  }
  if (names.size() < 2) return absl::StrJoin(names, "");
  const std::string last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " and ", last);
}

}  // namespace davit::core
