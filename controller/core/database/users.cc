#include "controller/core/database/users.h"

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

}  // namespace davit::core
