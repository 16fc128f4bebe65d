// What an executor says of a deployment that is not made: plans and checks.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/executor/check_run.h"
#include "controller/executor/creation.h"
#include "controller/executor/env_mount_check.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/other_users.h"
#include "controller/executor/plan_run.h"
#include "controller/executor/refusal.h"
#include "controller/executor/restoration_backups.h"
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

// The request without the secrets that are not set, and without what would need them.
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

v1::CheckFinding& AddFirst(const std::string& host, const absl::Status& status,
                           v1::CheckDeploymentResponse& response) {
  v1::CheckFinding& finding = *response.add_findings();
  finding.set_host(host);
  *finding.mutable_failure() = FailureOf(status);
  return finding;
}

// Servers that are not logged in to, as a secret is not set.
std::set<std::string> ServersWithout(const v1::EnvironmentSpec& asked,
                                     const v1::EnvironmentSpec& rest) {
  std::set<std::string> servers;
  for (const auto& [name, registry] : asked.registries()) {
    if (!rest.registries().contains(name)) servers.insert(registry.server());
  }
  return servers;
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

// That they refuse whoever is not logged in is no finding of its own.
void DropRefusals(const std::set<std::string>& servers, const v1::DeploymentRequest& request,
                  v1::CheckDeploymentResponse& response) {
  const auto follows = [&](const v1::CheckFinding& finding) {
    if (finding.failure().code() != v1::REGISTRY_DENIED) return false;
    return servers.contains(ServerOf(request, finding.app()));
  };
  auto& findings = *response.mutable_findings();
  findings.erase(std::remove_if(findings.begin(), findings.end(), follows), findings.end());
}

std::vector<worker::v1::SecretUse> SecretsIn(const core::DeploymentState& state) {
  return {state.record.secrets().begin(), state.record.secrets().end()};
}

// An app whose values no file can carry is checked without what needs the file.
void FindValues(SecretSource& secrets, core::DeploymentState& state,
                v1::CheckDeploymentResponse& response) {
  v1::DeploymentRequest& request = *state.record.mutable_request();
  for (const auto& [name, status] : EnvMountProblems(secrets, request, SecretsIn(state))) {
    AddFirst("", status, response).set_app(name);
    v1::App& app = request.mutable_spec()->mutable_apps()->at(name);
    app.clear_env_mounts();
    app.clear_checks();
  }
}

}  // namespace

absl::StatusOr<core::DeploymentState> Executor::Impl::MakeUnlocked(
    const v1::DeploymentRequest& request, bool check_only) {
  const absl::Time now = clock_.Now();
  core::NewDeploymentArgs args;
  const absl::Status read = store_.View([&](store::ReadTxn& txn) {
    auto found = ReadArgs(txn, request, now);
    if (!found.ok()) return found.status();
    args = *std::move(found);
    return absl::OkStatus();
  });
  if (!read.ok()) return IsRefusal(read) ? read : StoreFailure(read);
  args.check_only = check_only;
  return core::NewDeployment(args, now);
}

absl::Status Executor::Impl::CheckRollback(const v1::DeploymentRequest& request) {
  if (!request.has_rollback()) return absl::OkStatus();
  const auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return state.status();
  return CheckBackupsThere(fleet_, state->record, absl::Now() + options_.host_patience);
}

absl::StatusOr<v1::PlanDeploymentResponse> Executor::Impl::Plan(
    const v1::DeploymentRequest& request, absl::Time deadline) {
  if (absl::Status status = CheckReady(request, deadline); !status.ok()) return status;
  auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return state.status();
  const absl::Status values = CheckEnvMounts(secrets_, request, SecretsIn(*state));
  if (!values.ok()) return values;
  const absl::Status backups = CheckBackupsThere(fleet_, state->record, deadline);
  if (!backups.ok()) return backups;
  std::vector<std::string> others = NotesOfOtherUsers(store_, secrets_, *state);
  auto plan = RunPlan(fleet_, secrets_, clock_, *std::move(state), deadline);
  if (!plan.ok()) return plan;
  for (std::string& note : others) plan->add_notes(std::move(note));
  return plan;
}

absl::Status Executor::Impl::FindLock(const v1::EnvironmentSpec& spec,
                                      v1::CheckDeploymentResponse& response) {
  std::optional<state::v1::LockRecord> lock;
  const absl::Status read = store_.View([&](store::ReadTxn& txn) {
    auto found = txn.GetLock(spec.project(), spec.environment());
    if (!found.ok()) return found.status();
    lock = *std::move(found);
    return absl::OkStatus();
  });
  if (!read.ok()) return StoreFailure(read);
  if (!lock || lock->deployment_id().empty()) return absl::OkStatus();
  AddFirst("", LockHeld(*lock), response).set_warning(true);
  return absl::OkStatus();
}

absl::StatusOr<v1::CheckDeploymentResponse> Executor::Impl::Check(
    const v1::DeploymentRequest& request, absl::Time deadline,
    absl::FunctionRef<bool()> client_gone) {
  v1::CheckDeploymentResponse response;
  std::set<std::string> not_logged_in;
  auto state = MakeUnlocked(request, /*check_only=*/true);
  if (IsFailure(state.status(), v1::SECRET_MISSING)) {
    AddFirst("", state.status(), response);
    v1::DeploymentRequest rest;
    const absl::Status read = store_.View([&](store::ReadTxn& txn) {
      rest = WithoutMissingSecrets(txn, request);
      return absl::OkStatus();
    });
    if (!read.ok()) return StoreFailure(read);
    not_logged_in = ServersWithout(request.spec(), rest.spec());
    state = MakeUnlocked(rest, /*check_only=*/true);
  }
  if (!state.ok()) return state.status();
  if (absl::Status status = FindLock(request.spec(), response); !status.ok()) return status;
  FindValues(secrets_, *state, response);

  auto& hosts = *state->record.mutable_view()->mutable_hosts();
  const absl::Time ready_by = std::min(deadline, absl::Now() + options_.host_patience);
  const auto away = [&](const std::string& host) {
    const absl::Status ready = fleet_.CheckReady({host}, ready_by);
    if (!ready.ok()) AddFirst(host, ready, response);
    return !ready.ok();
  };
  std::vector<std::string> ready;
  for (const std::string& host : hosts) {
    if (!away(host)) ready.push_back(host);
  }
  hosts = {ready.begin(), ready.end()};
  if (ready.empty()) return response;
  response.MergeFrom(RunCheck(fleet_, secrets_, clock_, *std::move(state), deadline, client_gone));
  DropRefusals(not_logged_in, request, response);
  return response;
}

}  // namespace davit::executor
