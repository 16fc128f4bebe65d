#include "worker/build/base_logins.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "worker/docker/json.h"

namespace davit::builder {
namespace {

std::set<std::string> RegistriesOf(const docker::LoginSources& sources) {
  std::set<std::string> registries;
  for (const auto& login : sources.logins) {
    registries.insert(docker::RegistryOfServer(login.server()));
  }
  std::ifstream file(sources.docker_config_path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  const absl::StatusOr<docker::Json> config = docker::ParseJson(text.str());
  if (!config.ok()) return registries;
  const docker::Json& auths = docker::At(*config, "auths");
  if (!auths.is_object()) return registries;
  for (const auto& [key, entry] : auths.items()) {
    registries.insert(docker::RegistryOfServer(key));
  }
  return registries;
}

bool IsOfProject(const docker::LoginSources& sources, const std::string& registry) {
  for (const auto& login : sources.logins) {
    if (docker::RegistryOfServer(login.server()) == registry) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<docker::RegistryAuth>> BaseLogins(const docker::LoginSources& sources) {
  std::vector<docker::RegistryAuth> logins;
  for (const std::string& registry : RegistriesOf(sources)) {
    auto access = docker::FindRegistryAccess(sources, absl::StrCat(registry, "/image"));
    if (!access.ok() && IsOfProject(sources, registry)) return access.status();
    if (access.ok() && access->auth.has_value()) logins.push_back(*std::move(access->auth));
  }
  return logins;
}

}  // namespace davit::builder
