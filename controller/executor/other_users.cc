#include "controller/executor/other_users.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/steps.h"
#include "controller/core/database/users.h"
#include "controller/core/database/work.h"
#include "controller/executor/database_users.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseUser;
using state::v1::DeploymentRecord;

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

}  // namespace

absl::StatusOr<std::vector<std::string>> NotesOfOtherUsers(store::Store& store,
                                                           SecretSource& secrets,
                                                           const core::DeploymentState& state) {
  const DeploymentRecord& record = state.record;
  std::vector<std::string> notes;
  if (!record.request().has_restore() && !record.request().has_rollback()) return notes;
  const auto users = FindOtherUsers(store, secrets, record, NamesOf(record));
  if (!users.ok()) return users.status();
  std::map<std::string, std::vector<std::string>> names;  // by database
  for (const DatabaseUser& user : *users) {
    names[user.database()].push_back(core::OtherUserName(record, user));
  }
  for (const auto& [database, who] : names) {
    notes.push_back(Sentence(database, who, core::PutsBackupsInPlace(record.request())));
  }
  return notes;
}

absl::StatusOr<std::vector<DatabaseUser>> OtherUsersOfMigrated(store::Store& store,
                                                               SecretSource& secrets,
                                                               const DeploymentRecord& record) {
  if (core::IsDatabaseWork(record.request())) return std::vector<DatabaseUser>();
  const std::vector<std::string> migrated = core::DatabasesMigrated(record);
  return FindOtherUsers(store, secrets, record, {migrated.begin(), migrated.end()});
}

}  // namespace davit::executor
