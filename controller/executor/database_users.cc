#include "controller/executor/database_users.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/executor/database_place.h"
#include "controller/executor/live_apps.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseUser;
using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;

// A database as a record has it, its URL not opened yet.
struct UsedDatabase {
  std::string project, environment;
  std::string name;     // in davit.yaml
  v1::Release release;  // that is live on it; empty: of the deployment itself
  worker::v1::SecretUse url;
  std::string host;  // that it is reached from
  std::set<std::string> networks;
};

// nullopt: that record does not say what its URL was.
std::optional<worker::v1::SecretUse> UrlOf(const DeploymentRecord& record,
                                           const std::string& database) {
  const auto declared = record.request().spec().databases().find(database);
  if (declared == record.request().spec().databases().end()) return std::nullopt;
  for (const worker::v1::SecretUse& use : record.secrets()) {
    if (use.name() == declared->second.url().secret()) return use;
  }
  return std::nullopt;
}

std::string FirstHost(const DeploymentRecord& record) {
  return record.view().hosts().empty() ? "" : record.view().hosts(0);
}

std::set<std::string> NetworksIn(const v1::EnvironmentSpec& spec, const std::string& database) {
  std::set<std::string> networks;
  for (const auto& [name, app] : spec.apps()) {
    if (app.database() != database) continue;
    networks.insert(app.container().networks().begin(), app.container().networks().end());
  }
  return networks;
}

std::vector<UsedDatabase> OwnDatabases(const DeploymentRecord& record,
                                       const std::set<std::string>& names) {
  std::vector<UsedDatabase> own;
  for (const std::string& name : names) {
    const auto url = UrlOf(record, name);
    if (!url) continue;
    own.push_back({.project = record.view().project(),
                   .environment = record.view().environment(),
                   .name = name,
                   .url = *url,
                   .host = FirstHost(record),
                   .networks = NetworksIn(record.request().spec(), name)});
  }
  return own;
}

// What the release's own deployment knew of its database.
absl::StatusOr<std::optional<UsedDatabase>> UsedBy(store::ReadTxn& txn,
                                                   const ReleaseRecord& release) {
  const std::string& database = release.app().database();
  if (database.empty()) return std::nullopt;
  const auto record = RecordOf(txn, release.view().deployment_id());
  if (!record.ok()) return record.status();
  if (!record->has_value()) return std::nullopt;
  const auto url = UrlOf(**record, database);
  if (!url) return std::nullopt;
  const auto& networks = release.container().networks();
  return UsedDatabase{.project = release.view().project(),
                      .environment = release.view().environment(),
                      .name = database,
                      .release = release.view(),
                      .url = *url,
                      .host = FirstHost(**record),
                      .networks = {networks.begin(), networks.end()}};
}

// Of all environments that were ever deployed to.
absl::StatusOr<std::vector<UsedDatabase>> AllUsed(store::ReadTxn& txn) {
  const auto locks = txn.ListLocks();
  if (!locks.ok()) return locks.status();
  std::vector<UsedDatabase> all;
  for (const state::v1::LockRecord& lock : *locks) {
    const auto releases = txn.LiveReleases(lock.project(), lock.environment());
    if (!releases.ok()) return releases.status();
    for (const ReleaseRecord& release : *releases) {
      auto used = UsedBy(txn, release);
      if (!used.ok()) return used.status();
      if (used->has_value()) all.push_back(**std::move(used));
    }
  }
  return all;
}

// nullopt: its URL cannot be opened any more.
std::optional<DatabasePlace> OpenPlace(SecretSource& secrets, const UsedDatabase& used) {
  const auto url = secrets.Value(used.project, used.url);
  if (!url.ok()) return std::nullopt;
  return PlaceOf(*url, used.host, used.networks);
}

// Whether the deployment knows it for a user of `mine` of its own environment, be it that the
// database had another name in davit.yaml.
bool IsOwnUser(const DeploymentRecord& record, const UsedDatabase& mine,
               const std::set<std::string>& names, const UsedDatabase& user) {
  if (user.project != mine.project || user.environment != mine.environment) return false;
  if (names.contains(user.name)) return true;
  const auto previous = record.previous().find(user.release.app());
  return previous != record.previous().end() && previous->second.app().database() == mine.name;
}

DatabaseUser AsUser(const std::string& database, const v1::Release& live) {
  DatabaseUser user;
  user.set_database(database);
  v1::Release& release = *user.mutable_release();
  release.set_project(live.project());
  release.set_environment(live.environment());
  release.set_app(live.app());
  release.set_number(live.number());
  release.set_deployment_id(live.deployment_id());
  return user;
}

}  // namespace

absl::StatusOr<std::vector<DatabaseUser>> FindOtherUsers(store::Store& store, SecretSource& secrets,
                                                         const DeploymentRecord& record,
                                                         const std::set<std::string>& databases) {
  std::vector<DatabaseUser> users;
  if (databases.empty()) return users;
  std::vector<UsedDatabase> all;
  const absl::Status read = store.View([&](store::ReadTxn& txn) {
    auto used = AllUsed(txn);
    if (!used.ok()) return used.status();
    all = *std::move(used);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  for (const UsedDatabase& mine : OwnDatabases(record, databases)) {
    const auto place = OpenPlace(secrets, mine);
    if (!place) continue;
    for (const UsedDatabase& other : all) {
      if (IsOwnUser(record, mine, databases, other)) continue;
      const auto elsewhere = OpenPlace(secrets, other);
      if (!elsewhere || !AreSame(*place, *elsewhere)) continue;
      users.push_back(AsUser(mine.name, other.release));
    }
  }
  return users;
}

}  // namespace davit::executor
