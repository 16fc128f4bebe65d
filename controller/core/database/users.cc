#include "controller/core/database/users.h"

#include "absl/strings/str_cat.h"
#include "controller/core/names.h"

namespace davit::core {

std::set<std::string> UsersOf(const v1::EnvironmentSpec& spec, const std::string& database) {
  std::set<std::string> users;
  for (const auto& [name, app] : spec.apps()) {
    if (app.database() == database) users.insert(name);
  }
  return users;
}

bool UsesDatabase(const v1::EnvironmentSpec& spec, const state::v1::ReleaseRecord& live,
                  const std::string& database) {
  const auto app = spec.apps().find(live.view().app());
  return live.app().database() == database ||
         (app != spec.apps().end() && app->second.database() == database);
}

std::vector<const state::v1::DatabaseUser*> OtherUsersOf(const state::v1::DeploymentRecord& record,
                                                         const std::string& database) {
  std::vector<const state::v1::DatabaseUser*> users;
  for (const state::v1::DatabaseUser& user : record.other_users()) {
    if (user.database() == database) users.push_back(&user);
  }
  return users;
}

std::string OtherUserName(const state::v1::DeploymentRecord& record,
                          const state::v1::DatabaseUser& user) {
  const v1::Release& release = user.release();
  const bool is_own = release.project() == record.view().project();
  return absl::StrCat(AppVersion(release.app(), release.number()), " (",
                      is_own ? "" : absl::StrCat("project ", release.project(), ", "),
                      "environment ", release.environment(), ")");
}

}  // namespace davit::core
