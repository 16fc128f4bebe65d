#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/image_reference.h"
#include "common/spec/problem_list.h"
#include "common/spec/rules.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

// Other names of Docker Hub, as its own tools write them.
bool IsDockerHubAlias(absl::string_view host) {
  return host == "index.docker.io" || host == "registry-1.docker.io" || host == "hub.docker.com" ||
         host == "registry.hub.docker.com";
}

// Why the text is not what image references name the registry by; "": it is.
std::string ServerFault(absl::string_view server) {
  if (absl::StrContains(server, "://")) {
    return "must be the host alone, without `https://`: registry.example.com:5000";
  }
  const absl::string_view host = server.substr(0, server.find_first_of(":/"));
  if (IsDockerHubAlias(absl::AsciiStrToLower(host))) return "must be `docker.io` for Docker Hub";
  if (absl::StrContains(server, '/')) {
    return "must be the host alone, without a path: registry.example.com:5000";
  }
  const auto reference = ParseImageReference(absl::StrCat(server, "/a"));
  if (reference.ok() && reference->registry == server) return "";
  if (reference.ok()) {
    return "must have a dot or a port: in an image, a first part without is a path of Docker Hub";
  }
  return "must be a host, with or without a port: registry.example.com:5000";
}

std::vector<std::string> NamesOf(const v1::EnvironmentSpec& spec) {
  std::vector<std::string> names;
  names.reserve(spec.registries_size());
  for (const auto& [name, registry] : spec.registries()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

void CheckRegistries(const v1::EnvironmentSpec& spec, const Report& report) {
  const auto& field = *v1::Project::descriptor()->FindFieldByName("registries");
  absl::flat_hash_map<std::string, std::string> servers;
  for (const std::string& name : NamesOf(spec)) {
    const v1::Registry& registry = spec.registries().at(name);
    const std::string path = PathOf("registries", name);
    CheckKey(field, name, path, report);
    CheckRules(registry, path, report);
    const v1::TextOrSecret& username = registry.username();
    if (registry.has_username() && username.value().empty() && username.secret().empty()) {
      report({PathOf(path, "username"), "`username` must be a text or {secret: NAME}"});
    }
    if (registry.server().empty()) continue;  // the rules have said so
    const std::string fault = ServerFault(registry.server());
    const auto [taker, is_new] = servers.emplace(absl::AsciiStrToLower(registry.server()), name);
    if (!fault.empty()) {
      report({PathOf(path, "server"), absl::StrCat("`server` ", fault)});
    } else if (!is_new) {
      report({PathOf(path, "server"),
              absl::StrCat("the server ", Quoted(registry.server()), " is that of ",
                           Quoted(taker->second), " already: it has one login")});
    }
  }
}

void CheckPush(const v1::EnvironmentSpec& spec, const v1::App& app, const std::string& path,
               const Report& report) {
  const std::string push = PathOf(PathOf(path, "build"), "push");
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < app.build().push_size(); ++i) {
    const std::string& name = app.build().push(i);
    if (!spec.registries().contains(name)) {
      report({PathOf(push, i), absl::StrCat("no registry ", Quoted(name), " in `registries`",
                                            DidYouMean(name, NamesOf(spec)))});
    } else if (!seen.insert(name).second) {
      report({PathOf(push, i), absl::StrCat("the registry ", Quoted(name), " is listed twice")});
    }
  }
}

}  // namespace davit::spec
