#include "controller/executor/other_users.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/work.h"
#include "controller/core/names.h"
#include "controller/executor/database_place.h"
#include "controller/executor/live_apps.h"

namespace davit::executor {
namespace {

using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;

// A database as a record has it, its URL not opened yet.
struct UsedDatabase {
  std::string project, environment;
  std::string name;     // in davit.yaml
  std::string version;  // of the app: "web v3"; empty: of the deployment itself
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

// The names that are of interest: what is restored, or what the apps of a rollback use.
std::set<std::string> NamesOf(const DeploymentRecord& record) {
  if (record.request().has_restore()) return {record.request().restore().database()};
  std::set<std::string> names;
  for (const v1::Release& release : record.view().releases()) {
    names.insert(record.request().spec().apps().at(release.app()).database());
  }
  for (const state::v1::DatabaseHistory& history : record.since()) names.insert(history.database());
  names.erase("");
  return names;
}

std::set<std::string> NetworksIn(const v1::EnvironmentSpec& spec, const std::string& database) {
  std::set<std::string> networks;
  for (const auto& [name, app] : spec.apps()) {
    if (app.database() != database) continue;
    networks.insert(app.container().networks().begin(), app.container().networks().end());
  }
  return networks;
}

std::vector<UsedDatabase> OwnDatabases(const DeploymentRecord& record) {
  std::vector<UsedDatabase> own;
  for (const std::string& name : NamesOf(record)) {
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
                      .version = core::AppVersion(release.view().app(), release.view().number()),
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

std::string Where(const UsedDatabase& user, const DeploymentRecord& record) {
  const std::string environment = absl::StrCat("environment ", user.environment);
  if (user.project == record.view().project()) return environment;
  return absl::StrCat("project ", user.project, ", ", environment);
}

std::string Sentence(const std::string& database, const std::vector<std::string>& users,
                     bool restores) {
  const bool one = users.size() == 1;
  const std::string who = absl::StrCat(absl::StrJoin(users, ", "), one ? " uses" : " use",
                                       " the same database as ", database, ": ");
  if (!restores) return absl::StrCat(who, "what was migrated from there is not looked at");
  return absl::StrCat(who, one ? "it is" : "they are", " not stopped, ", one ? "its" : "their",
                      " sessions are ended, and ", one ? "it finds" : "they find",
                      " what is in the backup then");
}

// Of `all`, who uses the database `mine`, and is none of `own`.
std::vector<std::string> UsersOf(const UsedDatabase& mine, const std::vector<UsedDatabase>& own,
                                 const std::vector<UsedDatabase>& all, SecretSource& secrets,
                                 const DeploymentRecord& record) {
  const auto place = OpenPlace(secrets, mine);
  if (!place) return {};
  std::vector<std::string> users;
  for (const UsedDatabase& other : all) {
    const bool is_known = std::any_of(own.begin(), own.end(), [&](const UsedDatabase& one) {
      return one.project == other.project && one.environment == other.environment &&
             one.name == other.name;
    });
    if (is_known) continue;
    const auto elsewhere = OpenPlace(secrets, other);
    if (!elsewhere || !AreSame(*place, *elsewhere)) continue;
    users.push_back(absl::StrCat(other.version, " (", Where(other, record), ")"));
  }
  return users;
}

}  // namespace

std::vector<std::string> NotesOfOtherUsers(store::Store& store, SecretSource& secrets,
                                           const core::DeploymentState& state) {
  const DeploymentRecord& record = state.record;
  if (!record.request().has_restore() && !record.request().has_rollback()) return {};
  std::vector<UsedDatabase> all;
  const absl::Status read = store.View([&](store::ReadTxn& txn) {
    auto used = AllUsed(txn);
    if (!used.ok()) return used.status();
    all = *std::move(used);
    return absl::OkStatus();
  });
  if (!read.ok()) return {};
  const std::vector<UsedDatabase> own = OwnDatabases(record);
  std::vector<std::string> notes;
  for (const UsedDatabase& mine : own) {
    const std::vector<std::string> users = UsersOf(mine, own, all, secrets, record);
    if (users.empty()) continue;
    notes.push_back(Sentence(mine.name, users, core::PutsBackupsInPlace(record.request())));
  }
  return notes;
}

}  // namespace davit::executor
