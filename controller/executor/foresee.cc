// What an executor says of a deployment that is not made: plans and checks.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/core/machine/new_deployment.h"
#include "controller/executor/backups_url.h"
#include "controller/executor/check_run.h"
#include "controller/executor/deployment_args.h"
#include "controller/executor/env_mount_check.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/missing_secrets.h"
#include "controller/executor/older_urls.h"
#include "controller/executor/other_users.h"
#include "controller/executor/plan_run.h"
#include "controller/executor/refusal.h"
#include "controller/executor/restoration_backups.h"

namespace davit::executor {
namespace {

v1::CheckFinding& AddFirst(const std::string& host, const absl::Status& status,
                           v1::CheckDeploymentResponse& response) {
  v1::CheckFinding& finding = *response.add_findings();
  finding.set_host(host);
  *finding.mutable_failure() = FailureOf(status);
  return finding;
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
  auto state = core::NewDeployment(args, now);
  if (!state.ok() || check_only) return state;
  const auto others = OtherUsersOfMigrated(store_, secrets_, state->record);
  if (!others.ok()) return StoreFailure(others.status());
  *state->record.mutable_other_users() = {others->begin(), others->end()};
  return state;
}

absl::Status Executor::Impl::CheckRollback(const v1::DeploymentRequest& request) {
  if (!request.has_rollback()) return absl::OkStatus();
  const auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return state.status();
  const OlderUrls urls = CompareOlderUrls(store_, secrets_, *state);
  if (!urls.status.ok()) return urls.status;
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
  OlderUrls urls = CompareOlderUrls(store_, secrets_, *state);
  if (!urls.status.ok()) return urls.status;
  std::vector<std::string> backup = NotesOfBackupsUrl(store_, secrets_, *state);
  auto others = NotesOfOtherUsers(store_, secrets_, *state);
  if (!others.ok()) return others.status();
  auto plan = RunPlan(fleet_, secrets_, clock_, *std::move(state), deadline);
  if (!plan.ok()) return plan;
  for (std::string& note : backup) plan->add_notes(std::move(note));
  for (std::string& note : urls.notes) plan->add_notes(std::move(note));
  for (std::string& note : *others) plan->add_notes(std::move(note));
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
