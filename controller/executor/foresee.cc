// What an executor says of a deployment that is not made: plans and checks.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/core/new_deployment.h"
#include "controller/executor/check_run.h"
#include "controller/executor/creation.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/plan_run.h"
#include "controller/executor/refusal.h"
#include "controller/executor/secret_versions.h"

namespace davit::executor {
namespace {

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
  }
  for (const auto& [name, registry] : asked.registries()) {
    if (is_set(registry.username().secret()) && is_set(registry.password().secret())) continue;
    spec.mutable_registries()->erase(name);
  }
  return request;
}

void AddFirst(const std::string& host, const absl::Status& status,
              v1::CheckDeploymentResponse& response) {
  v1::CheckFinding& finding = *response.add_findings();
  finding.set_host(host);
  *finding.mutable_failure() = FailureOf(status);
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

absl::StatusOr<v1::PlanDeploymentResponse> Executor::Impl::Plan(
    const v1::DeploymentRequest& request, absl::Time deadline) {
  if (absl::Status status = CheckReady(request.spec(), deadline); !status.ok()) return status;
  auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return state.status();
  return RunPlan(fleet_, secrets_, clock_, *std::move(state), deadline);
}

absl::StatusOr<v1::CheckDeploymentResponse> Executor::Impl::Check(
    const v1::DeploymentRequest& request, absl::Time deadline,
    absl::FunctionRef<bool()> client_gone) {
  v1::CheckDeploymentResponse response;
  auto state = MakeUnlocked(request, /*check_only=*/true);
  if (IsFailure(state.status(), v1::SECRET_MISSING)) {
    AddFirst("", state.status(), response);
    v1::DeploymentRequest rest;
    const absl::Status read = store_.View([&](store::ReadTxn& txn) {
      rest = WithoutMissingSecrets(txn, request);
      return absl::OkStatus();
    });
    if (!read.ok()) return StoreFailure(read);
    state = MakeUnlocked(rest, /*check_only=*/true);
  }
  if (!state.ok()) return state.status();

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
  return response;
}

}  // namespace davit::executor
