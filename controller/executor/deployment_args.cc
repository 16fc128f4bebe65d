#include "controller/executor/deployment_args.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/id.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/core/database/work.h"
#include "controller/executor/database_names.h"
#include "controller/executor/database_past.h"
#include "controller/executor/recorded_backup.h"
#include "controller/executor/restoration.h"
#include "controller/executor/secret_versions.h"

namespace davit::executor {
namespace {

using state::v1::ReleaseRecord;

// Numbers of the newest `retain` releases that have been live: pruning leaves
// the images of these.
std::vector<int64_t> KeptNumbers(const std::vector<ReleaseRecord>& releases, size_t retain) {
  std::vector<int64_t> kept;
  for (const ReleaseRecord& release : releases) {
    if (kept.size() == retain) break;
    if (release.has_live_time()) kept.push_back(release.view().number());
  }
  return kept;
}

absl::StatusOr<core::AppHistory> ReadHistory(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                             const std::string& app) {
  const size_t retain = std::max(spec.apps().at(app).retain(), 1);
  core::AppHistory history;
  // Failed releases lie between those that were live, so how far back to look is
  // not known before.
  for (int limit = 2 * static_cast<int>(retain);; limit *= 4) {
    auto releases = txn.ListReleases(spec.project(), spec.environment(), app, limit);
    if (!releases.ok()) return releases.status();
    if (!releases->empty()) history.next_number = releases->front().view().number() + 1;
    history.kept = KeptNumbers(*releases, retain);
    const bool all = releases->size() < static_cast<size_t>(limit);
    if (all || history.kept.size() == retain) return history;
  }
}

// A number that a host has seen already is not given again.
absl::Status ReadNextNumbers(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                             std::map<std::string, core::AppHistory>& history) {
  const auto lock = txn.GetLock(spec.project(), spec.environment());
  if (!lock.ok()) return lock.status();
  if (!lock->has_value()) return absl::OkStatus();
  for (const auto& [app, number] : (*lock)->next_release()) {
    const auto it = history.find(app);
    if (it != history.end()) it->second.next_number = std::max(it->second.next_number, number);
  }
  return absl::OkStatus();
}

absl::Status ReadLive(store::ReadTxn& txn, const v1::DeploymentRequest& request,
                      std::map<std::string, core::AppHistory>& history) {
  auto live = txn.LiveReleases(request.spec().project(), request.spec().environment());
  if (!live.ok()) return live.status();
  DatabaseNames names(txn, request.spec());
  for (ReleaseRecord& release : *live) {
    if (absl::Status status = names.Rename(release); !status.ok()) return status;
    if (core::IsStoppedByRestore(request, release)) history.try_emplace(release.view().app());
    const auto it = history.find(release.view().app());
    if (it != history.end()) it->second.live = std::move(release);
  }
  return absl::OkStatus();
}

// A rollback's request becomes that of the releases which it goes back to. Their containers
// have the versions of secrets that were recorded: no newer ones are looked for.
absl::Status ReadRestored(store::ReadTxn& txn, core::NewDeploymentArgs& args) {
  auto restoration = ReadRestoration(txn, args.request);
  if (!restoration.ok()) return restoration.status();
  args.request = std::move(restoration->request);
  args.restored = std::move(restoration->releases);
  args.since = std::move(restoration->since);
  return absl::OkStatus();
}

// Appends what leads to the databases that a rollback restores, also where the older release
// did not have them yet.
absl::Status AddRestored(store::ReadTxn& txn, const core::NewDeploymentArgs& args,
                         std::vector<worker::v1::SecretUse>& uses) {
  if (!core::IsRollbackThatRestores(args.request)) return absl::OkStatus();
  const v1::EnvironmentSpec& spec = args.request.spec();
  for (const state::v1::DatabaseHistory& history : args.since) {
    // What is safe is not replaced.
    if (core::OldCodeCanRun(history.migration().meaning())) continue;
    const auto database = spec.databases().find(history.database());
    if (database == spec.databases().end()) continue;
    for (const std::string& name :
         {database->second.url().secret(), database->second.admin_url().secret()}) {
      const bool known = std::any_of(uses.begin(), uses.end(),
                                     [&](const auto& use) { return use.name() == name; });
      if (name.empty() || known) continue;
      auto use = ResolveSecret(txn, spec, name, absl::StrCat("databases.", history.database()));
      if (!use.ok()) return use.status();
      uses.push_back(*std::move(use));
    }
  }
  return absl::OkStatus();
}

// As ResolveSecrets, of what is new.
absl::StatusOr<std::vector<worker::v1::SecretUse>> ReadSecrets(
    store::ReadTxn& txn, const core::NewDeploymentArgs& args) {
  v1::DeploymentRequest request = args.request;
  for (const auto& [app, restored] : args.restored) {
    request.mutable_spec()->mutable_apps()->at(app).clear_env();
  }
  auto uses = ResolveSecrets(txn, request);
  if (!uses.ok()) return uses;
  if (absl::Status status = AddRestored(txn, args, *uses); !status.ok()) return status;
  return uses;
}

}  // namespace

absl::StatusOr<core::NewDeploymentArgs> ReadArgs(store::ReadTxn& txn,
                                                 const v1::DeploymentRequest& request,
                                                 absl::Time now) {
  core::NewDeploymentArgs args;
  args.request = request;
  args.id = NewDeploymentId(now);
  auto identity = txn.Identity();
  if (!identity.ok()) return identity.status();
  args.cluster_id = std::move(identity->cluster_id);
  if (request.has_rollback()) {
    if (absl::Status status = ReadRestored(txn, args); !status.ok()) return status;
  }
  const auto apps = core::ReleaseOrder(args.request);
  if (!apps.ok()) return apps.status();
  for (const std::string& app : *apps) {
    auto history = ReadHistory(txn, args.request.spec(), app);
    if (!history.ok()) return history.status();
    args.history.emplace(app, *std::move(history));
  }
  for (const std::string& app : core::AppsStoppedByWork(args.request)) {
    args.history.try_emplace(app);  // what is live is put back
  }
  absl::Status status = ReadNextNumbers(txn, args.request.spec(), args.history);
  if (status.ok()) status = ReadLive(txn, args.request, args.history);
  if (status.ok()) status = ReadDatabasePast(txn, args);
  if (!status.ok()) return status;
  auto backup = RecordedBackup(txn, args.request);
  if (!backup.ok()) return backup.status();
  if (backup->has_value()) args.backup = std::move((*backup)->backup);
  auto secrets = ReadSecrets(txn, args);
  if (!secrets.ok()) return secrets.status();
  args.secrets = *std::move(secrets);
  return args;
}

}  // namespace davit::executor
