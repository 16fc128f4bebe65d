#include "controller/executor/missing_secrets.h"

#include <algorithm>

#include "absl/functional/function_ref.h"
#include "common/spec/image_reference.h"
#include "controller/executor/secret_versions.h"

namespace davit::executor {
namespace {

using IsSet = absl::FunctionRef<bool(const std::string& secret)>;

void DropTasks(IsSet is_set, v1::App& app) {
  auto& tasks = *app.mutable_tasks();
  const auto lacks = [&](const v1::Task& task) {
    const auto& secrets = task.env().secret();
    return std::any_of(secrets.begin(), secrets.end(),
                       [&](const auto& variable) { return !is_set(variable.second); });
  };
  tasks.erase(std::remove_if(tasks.begin(), tasks.end(), lacks), tasks.end());
}

void DropDatabases(IsSet is_set, v1::EnvironmentSpec& spec) {
  std::set<std::string> dropped;
  for (auto& [name, database] : *spec.mutable_databases()) {
    if (!is_set(database.admin_url().secret())) database.clear_admin_url();
    if (!is_set(database.url().secret())) dropped.insert(name);
  }
  for (const std::string& name : dropped) spec.mutable_databases()->erase(name);
  for (auto& [name, app] : *spec.mutable_apps()) {
    if (dropped.count(app.database()) > 0) app.clear_database();
  }
}

// The registry of an app's image; empty: there is none.
std::string ServerOf(const v1::DeploymentRequest& request, const std::string& app) {
  const auto spec = request.spec().apps().find(app);
  if (spec == request.spec().apps().end()) return "";
  std::string reference = spec->second.image();
  if (const auto image = request.images().find(app); image != request.images().end()) {
    reference = image->second;
  }
  if (const auto built = request.built().find(app); built != request.built().end()) {
    reference = built->second.reference();
  }
  const auto image = spec::ParseImageReference(reference);
  if (!image.ok()) return "";
  return image->registry.empty() ? "docker.io" : image->registry;
}

}  // namespace

v1::DeploymentRequest WithoutMissingSecrets(store::ReadTxn& txn, v1::DeploymentRequest request) {
  v1::EnvironmentSpec& spec = *request.mutable_spec();
  const v1::EnvironmentSpec asked = spec;
  const auto is_set = [&](const std::string& name) {
    return name.empty() || ResolveSecret(txn, asked, name, "").ok();
  };
  for (auto& [name, app] : *spec.mutable_apps()) {
    for (const auto& [variable, secret] : asked.apps().at(name).env().secret()) {
      if (is_set(secret)) continue;
      app.mutable_env()->mutable_secret()->erase(variable);
      app.clear_env_mounts();
      app.clear_files();
      app.clear_checks();
    }
    DropTasks(is_set, app);
  }
  DropDatabases(is_set, spec);
  for (const auto& [name, registry] : asked.registries()) {
    if (is_set(registry.username().secret()) && is_set(registry.password().secret())) continue;
    spec.mutable_registries()->erase(name);
  }
  return request;
}

std::set<std::string> ServersWithout(const v1::EnvironmentSpec& asked,
                                     const v1::EnvironmentSpec& rest) {
  std::set<std::string> servers;
  for (const auto& [name, registry] : asked.registries()) {
    if (!rest.registries().contains(name)) servers.insert(registry.server());
  }
  return servers;
}

void DropRefusals(const std::set<std::string>& servers, const v1::DeploymentRequest& request,
                  v1::CheckDeploymentResponse& response) {
  const auto follows = [&](const v1::CheckFinding& finding) {
    if (finding.failure().code() != v1::REGISTRY_DENIED) return false;
    return servers.contains(ServerOf(request, finding.app()));
  };
  auto& findings = *response.mutable_findings();
  findings.erase(std::remove_if(findings.begin(), findings.end(), follows), findings.end());
}

}  // namespace davit::executor
