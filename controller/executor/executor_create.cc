// What an executor finds out before it has a deployment made: whether it can be, what its journal
// begins with, and what is opened for that, which the thread that commits does not do.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "controller/core/database/work.h"
#include "controller/executor/backups_url.h"
#include "controller/executor/env_mount_check.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/left_behind.h"
#include "controller/executor/older_urls.h"
#include "controller/executor/other_users.h"
#include "controller/executor/secret_versions.h"

namespace davit::executor {

absl::StatusOr<v1::Deployment> Executor::Impl::Create(const v1::CreateDeploymentRequest& request) {
  std::vector<state::v1::DatabaseUser> other_users;
  // One that was made gets its answer, however its hosts are by now.
  if (!IsKnown(request.request_id())) {
    const absl::Status ready = CheckReady(request.deployment(), absl::InfiniteFuture());
    if (!ready.ok()) return ready;
    const absl::Status values = CheckValues(request.deployment());
    if (!values.ok()) return values;
    const absl::Status restorable = CheckRollback(request.deployment());
    if (!restorable.ok()) return restorable;
    auto found = FindOthers(request.deployment());
    if (!found.ok()) return found.status();
    other_users = *std::move(found);
  }
  const auto reply = std::make_shared<Reply>();
  return Ask(CreateWork{request, reply, NotesFor(request.deployment()), std::move(other_users)},
             reply);
}

absl::StatusOr<std::vector<state::v1::DatabaseUser>> Executor::Impl::FindOthers(
    const v1::DeploymentRequest& request) {
  const auto& databases = request.spec().databases();
  const bool may_migrate =
      !request.has_rollback() && !core::IsDatabaseWork(request) &&
      std::any_of(databases.begin(), databases.end(),
                  [](const auto& database) { return database.second.has_migrate(); });
  if (!may_migrate) return std::vector<state::v1::DatabaseUser>();
  const auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return state.status();
  const auto& others = state->record.other_users();
  return std::vector<state::v1::DatabaseUser>(others.begin(), others.end());
}

std::vector<std::string> Executor::Impl::NotesFor(const v1::DeploymentRequest& request) {
  std::vector<std::string> notes;
  // What is wrong with the request, or with the store, the commit says.
  store_
      .View([&](store::ReadTxn& txn) {
        auto found = LeftBehind(txn, fleet_, request);
        if (!found.ok()) return found.status();
        notes = *std::move(found);
        return absl::OkStatus();
      })
      .IgnoreError();
  if (!request.has_restore() && !request.has_rollback()) return notes;
  const auto state = MakeUnlocked(request, /*check_only=*/false);
  if (!state.ok()) return notes;
  for (std::string& note : NotesOfBackupsUrl(store_, secrets_, *state)) {
    notes.push_back(std::move(note));
  }
  for (std::string& note : CompareOlderUrls(store_, secrets_, *state).notes) {
    notes.push_back(std::move(note));
  }
  auto others = NotesOfOtherUsers(store_, secrets_, *state);
  if (!others.ok()) return notes;
  for (std::string& note : *others) notes.push_back(std::move(note));
  return notes;
}

absl::Status Executor::Impl::CheckValues(const v1::DeploymentRequest& request) {
  std::vector<worker::v1::SecretUse> uses;
  // What is wrong with the request, or with the store, the commit says.
  store_
      .View([&](store::ReadTxn& txn) {
        auto found = ResolveSecrets(txn, request);
        if (!found.ok()) return found.status();
        uses = *std::move(found);
        return absl::OkStatus();
      })
      .IgnoreError();
  return CheckEnvMounts(secrets_, request, uses);
}

bool Executor::Impl::IsKnown(const std::string& request_id) {
  bool known = false;
  const absl::Status status = store_.View([&](store::ReadTxn& txn) {
    const auto id = txn.FindRequest(request_id);
    if (id.ok()) known = id->has_value();
    return id.status();
  });
  // The commit says it better when the store cannot be read.
  return known || !status.ok();
}

absl::Status Executor::Impl::CheckReady(const v1::DeploymentRequest& request,
                                        absl::Time deadline) const {
  return fleet_.CheckReady(core::HostsConcerned(request),
                           std::min(deadline, absl::Now() + options_.host_patience));
}

}  // namespace davit::executor
