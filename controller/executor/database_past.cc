#include "controller/executor/database_past.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "controller/core/database/schema_meaning.h"
#include "controller/core/database/work.h"
#include "controller/executor/database_names.h"
#include "controller/executor/live_apps.h"
#include "controller/executor/restoration_since.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseHistory;
using state::v1::ReleaseRecord;

// A backup that a rollback puts in place stops all that use it: those are known already.
std::set<std::string> DatabasesTakenBack(const core::NewDeploymentArgs& args) {
  std::set<std::string> databases;
  if (args.request.rollback().schema() != v1::RollbackRequest::COMMAND) return databases;
  for (const DatabaseHistory& history : args.since) databases.insert(history.database());
  return databases;
}

std::set<std::string> DatabasesConcerned(const core::NewDeploymentArgs& args) {
  const v1::DeploymentRequest& request = args.request;
  std::set<std::string> databases;
  if (request.has_restore()) return databases;
  if (request.has_rollback()) return DatabasesTakenBack(args);
  for (std::string& name : core::DatabasesOfWork(request)) {
    // That there is no such one is said where the deployment is made.
    if (request.spec().databases().contains(name)) databases.insert(std::move(name));
  }
  if (core::IsDatabaseWork(request)) return databases;
  for (const auto& [name, database] : request.spec().databases()) {
    if (args.history.contains(database.migrate().app())) databases.insert(name);
  }
  return databases;
}

// As it is recorded of the release, and as it would be now.
std::set<std::string> DatabasesOf(const v1::EnvironmentSpec& spec, const ReleaseRecord& release) {
  std::set<std::string> databases = {release.app().database(), release.database().database()};
  const auto app = spec.apps().find(release.view().app());
  if (app != spec.apps().end()) databases.insert(app->second.database());
  return databases;
}

// The live releases since which it is asked what was done: those of the apps that migrate.
// What only uses a database too may have been live for years, or for a minute.
std::map<std::string, ReleaseRecord> ReleasesThatMigrated(
    const v1::EnvironmentSpec& spec, const std::set<std::string>& databases,
    const std::map<std::string, ReleaseRecord>& live) {
  std::map<std::string, ReleaseRecord> releases;
  for (const std::string& database : databases) {
    const auto migrates = live.find(spec.databases().at(database).migrate().app());
    if (migrates != live.end()) {
      releases.insert(*migrates);
      continue;
    }
    for (const auto& [app, release] : live) {
      if (DatabasesOf(spec, release).contains(database)) releases.emplace(app, release);
    }
  }
  return releases;
}

// Without what is long and that only a rollback reads: it is written with each transition.
void Shorten(DatabaseHistory& history) {
  if (!history.has_declared()) return;  // no migration: a word or two of what it is
  history.clear_declared();
  history.mutable_migration()->clear_changes();
  history.mutable_migration()->clear_gaps();
  history.mutable_migration()->clear_previous();
}

// As it is for those that are not deployed: their containers are not touched, so neither
// what makes them nor their secrets are of interest.
ReleaseRecord WithoutContainer(const ReleaseRecord& release) {
  ReleaseRecord bare = release;
  bare.clear_container();
  bare.clear_healthcheck();
  return bare;
}

void AddLive(const std::set<std::string>& databases, const ReleaseRecord& release,
             core::NewDeploymentArgs& args) {
  for (const std::string& database : DatabasesOf(args.request.spec(), release)) {
    if (!databases.contains(database)) continue;
    const auto [history, fresh] = args.history.try_emplace(release.view().app());
    if (fresh) history->second.live = WithoutContainer(release);
    return;
  }
}

// Who restores by hand has decided for what is live on it, and that was checked then: it is no
// change that a deployment has left.
absl::StatusOr<bool> IsRestoreByHand(store::ReadTxn& txn, const DatabaseHistory& history) {
  if (history.has_declared()) return false;
  const auto record = RecordOf(txn, history.deployment_id());
  if (!record.ok()) return record.status();
  return record->has_value() && (*record)->request().has_restore();
}

absl::Status AddSince(store::ReadTxn& txn, const std::set<std::string>& databases,
                      const std::map<std::string, ReleaseRecord>& live,
                      core::NewDeploymentArgs& args) {
  const v1::EnvironmentSpec& spec = args.request.spec();
  auto since = ReadSince(txn, spec, ReleasesThatMigrated(spec, databases, live), databases);
  if (!since.ok()) return since.status();
  for (DatabaseHistory& history : *since) {
    if (!databases.contains(history.database()) || !core::MayHaveChanged(history)) continue;
    const auto by_hand = IsRestoreByHand(txn, history);
    if (!by_hand.ok()) return by_hand.status();
    if (*by_hand) continue;
    Shorten(history);
    args.since.push_back(std::move(history));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadDatabasePast(store::ReadTxn& txn, core::NewDeploymentArgs& args) {
  const std::set<std::string> databases = DatabasesConcerned(args);
  if (databases.empty()) return absl::OkStatus();
  const v1::EnvironmentSpec& spec = args.request.spec();
  auto releases = txn.LiveReleases(spec.project(), spec.environment());
  if (!releases.ok()) return releases.status();
  std::map<std::string, ReleaseRecord> live;
  DatabaseNames names(txn, spec);
  for (ReleaseRecord& release : *releases) {
    if (absl::Status status = names.Rename(release); !status.ok()) return status;
    AddLive(databases, release, args);
    const std::string app = release.view().app();
    live.emplace(app, std::move(release));
  }
  // A rollback has it, since its own releases.
  if (args.request.has_rollback()) return absl::OkStatus();
  return AddSince(txn, databases, live, args);
}

}  // namespace davit::executor
