#include "controller/executor/restoration_since.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/executor/live_apps.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;

constexpr int kReleasesAtOnce = 50;

// By deployment, whose ids are in the order of creation, then by database.
using Histories = std::map<std::pair<std::string, std::string>, DatabaseHistory>;

// The oldest deployment that made one of the releases which use the database; "" where none
// does.
std::map<std::string, std::string> OldestByDatabase(
    const v1::EnvironmentSpec& spec, const std::map<std::string, ReleaseRecord>& releases) {
  std::map<std::string, std::string> oldest;
  for (const auto& [app, release] : releases) {
    std::set<std::string> databases = {release.app().database(), release.database().database()};
    const auto declared = spec.apps().find(app);
    if (declared != spec.apps().end()) databases.insert(declared->second.database());
    databases.erase("");
    for (const std::string& database : databases) {
      const auto [found, fresh] = oldest.try_emplace(database, release.view().deployment_id());
      if (!fresh) found->second = std::min(found->second, release.view().deployment_id());
    }
  }
  return oldest;
}

// Older deployments are of no interest.
const std::string& OldestOf(const std::map<std::string, std::string>& by_database) {
  return std::min_element(by_database.begin(), by_database.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->second;
}

// What was done to these databases by deployments with releases of `app`.
absl::Status AddHistories(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                          const std::string& app, const std::map<std::string, std::string>& oldest,
                          Histories& histories) {
  const std::string& first = OldestOf(oldest);
  for (int limit = kReleasesAtOnce;; limit *= 4) {
    const auto releases = txn.ListReleases(spec.project(), spec.environment(), app, limit);
    if (!releases.ok()) return releases.status();
    const bool all = releases->size() < static_cast<size_t>(limit);
    if (!all && releases->back().view().deployment_id() > first) continue;
    for (const ReleaseRecord& release : *releases) {
      const DatabaseHistory& history = release.database();
      const auto wanted = oldest.find(history.database());
      const std::string& id = release.view().deployment_id();
      if (wanted == oldest.end() || id <= wanted->second) continue;
      histories.try_emplace({id, history.database()}, history);
    }
    return absl::OkStatus();
  }
}

// The oldest release that a rollback went back to: what was done after it, and before
// the rollback, was taken back.
std::string OldestRestored(const DeploymentRecord& record) {
  std::string oldest;
  for (const auto& [app, release] : record.restored()) {
    const std::string& id = release.view().deployment_id();
    oldest = oldest.empty() ? id : std::min(oldest, id);
  }
  return oldest;
}

bool TookBack(const DeploymentRecord& record) {
  const v1::RollbackRequest::Schema schema = record.request().rollback().schema();
  return record.view().state() == v1::SUCCEEDED &&
         (schema == v1::RollbackRequest::COMMAND || schema == v1::RollbackRequest::RESTORE);
}

// A release from before the rollback lacks what the rollback took back of the
// migrations up to that release: nothing would migrate again.
void AddWhatIsMissing(const DeploymentRecord& record,
                      const std::map<std::string, std::string>& oldest, Histories& histories) {
  const std::string& id = record.view().id();
  for (const DatabaseHistory& history : record.since()) {
    const auto wanted = oldest.find(history.database());
    if (wanted == oldest.end() || wanted->second >= id) continue;
    if (!history.has_migration() || history.deployment_id() > wanted->second) continue;
    if (history.migration().meaning() == v1::SCHEMA_UNCHANGED) continue;
    DatabaseHistory& missing = histories[{id, history.database()}];
    missing.set_database(history.database());
    missing.set_deployment_id(id);
    missing.clear_declared();  // it takes back, and here something would have to be brought
    missing.mutable_migration()->set_meaning(v1::SCHEMA_UNKNOWN);
    missing.mutable_migration()->add_gaps(
        absl::StrCat("a rollback has taken back what the migration of ", history.deployment_id(),
                     " did, which this release may need: to deploy its image migrates again"));
  }
}

void DropTakenBack(const DeploymentRecord& record, Histories& histories) {
  const std::string oldest = OldestRestored(record);
  std::set<std::string> databases;
  for (const DatabaseHistory& history : record.since()) databases.insert(history.database());
  for (auto it = histories.begin(); it != histories.end();) {
    const auto& [id, database] = it->first;
    const bool gone = databases.contains(database) && id > oldest && id < record.view().id();
    it = gone ? histories.erase(it) : std::next(it);
  }
}

// A restore by hand may have taken back any of what was done before it, or have brought
// it again: the records do not say which schema a backup has.
void AddRestore(const DeploymentRecord& record, const std::map<std::string, std::string>& oldest,
                Histories& histories) {
  const std::string& id = record.view().id();
  const std::string& database = record.request().restore().database();
  const auto wanted = oldest.find(database);
  if (wanted == oldest.end() || id <= wanted->second) return;
  DatabaseHistory& unknown = histories[{id, database}];
  unknown.set_database(database);
  unknown.set_deployment_id(id);
  unknown.mutable_migration()->set_meaning(v1::SCHEMA_UNKNOWN);
  unknown.mutable_migration()->add_gaps(
      absl::StrCat("the backup ", record.request().restore().file(),
                   " was put in its place since: what its schema has is not known"));
}

// One that failed may have come to the backup's being in place.
bool MayHaveRestored(const DeploymentRecord& record) {
  const v1::DeploymentState state = record.view().state();
  return record.request().has_restore() && (state == v1::SUCCEEDED || state == v1::NEEDS_ATTENTION);
}

// By the environment's rollbacks and restores since the releases that are gone back to.
absl::Status ApplyRollbacks(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                            const std::map<std::string, std::string>& oldest,
                            Histories& histories) {
  const std::string& first = OldestOf(oldest);
  store::DeploymentFilter filter{.project = spec.project(), .environment = spec.environment()};
  std::vector<DeploymentRecord> rollbacks;
  while (true) {
    auto records = txn.ListDeployments(filter);
    if (!records.ok()) return records.status();
    for (DeploymentRecord& record : *records) {
      if (record.view().id() <= first) continue;
      if (TookBack(record) || MayHaveRestored(record)) rollbacks.push_back(std::move(record));
    }
    if (records->size() < static_cast<size_t>(filter.limit)) break;
    filter.before_id = records->back().view().id();
    if (filter.before_id.empty() || filter.before_id <= first) break;
  }
  // Oldest first: what one has left missing, a later one may have taken back as well.
  for (auto rollback = rollbacks.rbegin(); rollback != rollbacks.rend(); ++rollback) {
    if (rollback->request().has_restore()) {
      AddRestore(*rollback, oldest, histories);
      continue;
    }
    AddWhatIsMissing(*rollback, oldest, histories);
    DropTakenBack(*rollback, histories);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<DatabaseHistory>> ReadSince(
    store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
    const std::map<std::string, ReleaseRecord>& releases, const std::set<std::string>& databases) {
  std::map<std::string, std::string> oldest = OldestByDatabase(spec, releases);
  for (const std::string& database : databases) oldest.try_emplace(database);
  std::vector<DatabaseHistory> since;
  if (oldest.empty()) return since;
  std::set<std::string> apps;
  for (const auto& [app, declared] : spec.apps()) apps.insert(app);
  for (const auto& [app, release] : releases) apps.insert(app);
  Histories histories;
  for (const std::string& app : apps) {
    absl::Status status = AddHistories(txn, spec, app, oldest, histories);
    if (!status.ok()) return status;
  }
  absl::Status status = ApplyRollbacks(txn, spec, oldest, histories);
  if (!status.ok()) return status;
  for (auto& [key, history] : histories) since.push_back(std::move(history));
  return since;
}

}  // namespace davit::executor
