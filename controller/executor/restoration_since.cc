#include "controller/executor/restoration_since.h"

#include <algorithm>
#include <utility>

#include "controller/executor/database_histories.h"
#include "controller/executor/database_names.h"
#include "controller/executor/restore_taking.h"
#include "controller/executor/rollback_taking.h"
#include "controller/executor/taking.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;

constexpr int kReleasesAtOnce = 50;

absl::StatusOr<Bounds> BoundsOf(const v1::EnvironmentSpec& spec,
                                const std::map<std::string, ReleaseRecord>& releases,
                                DatabaseNames& names) {
  Bounds bounds;
  for (const auto& [app, release] : releases) {
    const std::string& id = release.view().deployment_id();
    std::set<std::string> databases;
    for (const std::string& name : {release.app().database(), release.database().database()}) {
      auto now = names.NameNow(name, id);
      if (!now.ok()) return now.status();
      databases.insert(*std::move(now));
    }
    const auto declared = spec.apps().find(app);
    if (declared != spec.apps().end()) databases.insert(declared->second.database());
    databases.erase("");
    for (const std::string& database : databases) {
      const auto [found, fresh] = bounds.try_emplace(database, id);
      if (!fresh) found->second = std::min(found->second, id);
    }
  }
  return bounds;
}

// Older deployments are of no interest.
const std::string& OldestOf(const Bounds& bounds) {
  return std::min_element(bounds.begin(), bounds.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->second;
}

// The deployments since then, whatever became of davit.yaml.
struct Past {
  std::set<std::string> apps;             // that got a release
  std::vector<DeploymentRecord> takings;  // newest first, see MayTakeBack
};

absl::StatusOr<Past> ReadPast(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                              const std::string& first) {
  Past past;
  store::DeploymentFilter filter{.project = spec.project(), .environment = spec.environment()};
  while (true) {
    auto records = txn.ListDeployments(filter);
    if (!records.ok()) return records.status();
    for (DeploymentRecord& record : *records) {
      if (record.view().id() <= first) continue;
      for (const v1::Release& release : record.view().releases()) past.apps.insert(release.app());
      if (MayTakeBack(record)) past.takings.push_back(std::move(record));
    }
    if (records->size() < static_cast<size_t>(filter.limit)) break;
    filter.before_id = records->back().view().id();
    if (filter.before_id.empty() || filter.before_id <= first) break;
  }
  return past;
}

// Adds what was done after its bound to a database of interest.
absl::Status AddHistory(const ReleaseRecord& release, const Bounds& bounds, DatabaseNames& names,
                        Histories& histories) {
  const std::string& id = release.view().deployment_id();
  const auto database = names.NameNow(release.database().database(), id);
  if (!database.ok()) return database.status();
  const auto bound = bounds.find(*database);
  if (bound == bounds.end() || id <= bound->second) return absl::OkStatus();
  const auto [change, fresh] =
      histories.try_emplace({id, *database}, PastChange{.history = release.database()});
  if (fresh) change->second.history.set_database(*database);
  return absl::OkStatus();
}

// What was done to these databases by deployments with releases of `app`.
absl::Status AddHistories(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                          const std::string& app, const Bounds& bounds, DatabaseNames& names,
                          Histories& histories) {
  const std::string& first = OldestOf(bounds);
  for (int limit = kReleasesAtOnce;; limit *= 4) {
    const auto releases = txn.ListReleases(spec.project(), spec.environment(), app, limit);
    if (!releases.ok()) return releases.status();
    const bool all = releases->size() < static_cast<size_t>(limit);
    if (!all && releases->back().view().deployment_id() > first) continue;
    for (const ReleaseRecord& release : *releases) {
      absl::Status status = AddHistory(release, bounds, names, histories);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
}

absl::StatusOr<Histories> ReadHistories(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                        const std::map<std::string, ReleaseRecord>& releases,
                                        const Bounds& bounds, DatabaseNames& names) {
  auto past = ReadPast(txn, spec, OldestOf(bounds));
  if (!past.ok()) return past.status();
  for (const auto& [app, declared] : spec.apps()) past->apps.insert(app);
  for (const auto& [app, release] : releases) past->apps.insert(app);
  Histories histories;
  for (const std::string& app : past->apps) {
    absl::Status status = AddHistories(txn, spec, app, bounds, names, histories);
    if (!status.ok()) return status;
  }
  // Oldest first: what one has left missing, a later one may have taken back as well.
  for (auto taking = past->takings.rbegin(); taking != past->takings.rend(); ++taking) {
    const auto apply = taking->request().has_restore() ? ApplyRestore : ApplyRollback;
    absl::Status status = apply(txn, *taking, bounds, names, histories);
    if (!status.ok()) return status;
  }
  return histories;
}

}  // namespace

absl::StatusOr<std::vector<DatabaseHistory>> ReadSince(
    store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
    const std::map<std::string, ReleaseRecord>& releases, const std::set<std::string>& databases) {
  DatabaseNames names(txn, spec);
  auto bounds = BoundsOf(spec, releases, names);
  if (!bounds.ok()) return bounds.status();
  for (const std::string& database : databases) bounds->try_emplace(database);
  std::vector<DatabaseHistory> since;
  if (bounds->empty()) return since;
  auto histories = ReadHistories(txn, spec, releases, *bounds, names);
  if (!histories.ok()) return histories.status();
  for (auto& [key, change] : *histories) since.push_back(std::move(change.history));
  return since;
}

}  // namespace davit::executor
