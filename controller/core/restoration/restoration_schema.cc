#include "controller/core/restoration/restoration_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/previous_migrations.h"
#include "controller/core/database/schema_meaning.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;

// What no command takes back: it would have to bring something, or nobody knows what is there.
const DatabaseHistory* FirstUnknown(const SchemaSince& since) {
  for (const DatabaseHistory* history : since.changes) {
    if (!history->has_declared() && !history->migration().gaps().empty()) return history;
  }
  return nullptr;
}

bool HasGaps(const SchemaSince& since) {
  return std::any_of(
      since.changes.begin(), since.changes.end(),
      [](const DatabaseHistory* history) { return !history->migration().gaps().empty(); });
}

}  // namespace

bool SchemaSince::IsSafe() const { return OldCodeCanRun(meaning); }

const v1::Backup* SchemaSince::Backup() const {
  return changes.front()->has_backup() ? &changes.front()->backup() : nullptr;
}

const DatabaseHistory* SchemaSince::NewestMigration() const {
  for (auto it = changes.rbegin(); it != changes.rend(); ++it) {
    if ((*it)->has_declared()) return *it;
  }
  return nullptr;
}

const v1::DatabaseMigration* SchemaSince::Command() const {
  for (auto it = changes.rbegin(); it != changes.rend(); ++it) {
    if (!(*it)->declared().rollback_command().empty()) return &(*it)->declared();
  }
  return nullptr;
}

std::map<std::string, std::string> SchemaSince::Previous() const {
  std::map<std::string, std::string> previous;
  for (const DatabaseHistory* history : changes) {
    previous.insert(history->migration().previous().begin(), history->migration().previous().end());
  }
  return previous;
}

std::map<std::string, SchemaSince> SchemasSince(const DeploymentRecord& record) {
  std::map<std::string, SchemaSince> schemas;
  if (!record.request().has_rollback()) return schemas;  // it is since what is live
  for (const DatabaseHistory& history : record.since()) {
    if (!MayHaveChanged(history)) continue;
    SchemaSince& since = schemas[history.database()];
    since.changes.push_back(&history);
    since.meaning = WorseMeaning(since.meaning, history.migration().meaning());
  }
  return schemas;
}

std::optional<std::string> WhyNoCommand(const DeploymentRecord& record, const SchemaSince& since) {
  const v1::DatabaseMigration* command = since.Command();
  if (command == nullptr) return "no rollback_command was declared for its migration";
  if (const DatabaseHistory* unknown = FirstUnknown(since)) {
    return absl::StrCat("no rollback_command leads to the schema of then: ",
                        unknown->migration().gaps(0), " (", unknown->deployment_id(), ")");
  }
  if (const auto why = WhyNotFilled(*command, since.Previous(), HasGaps(since))) {
    return absl::StrCat("its rollback_command ", *why);
  }
  const auto live = record.previous().find(command->app());
  const std::string& newest = since.NewestMigration()->deployment_id();
  if (live != record.previous().end() && live->second.view().deployment_id() < newest) {
    return absl::StrCat("its newest migration came with ", newest,
                        ", whose release is not live: only that image knows how");
  }
  if (live != record.previous().end() && live->second.has_container()) return std::nullopt;
  const bool declared = record.request().spec().apps().contains(command->app());
  return absl::StrCat(
      "its rollback_command runs in the live release of ", command->app(),
      declared ? ", which is not rolled back with it: name " : ", which davit.yaml ",
      declared ? absl::StrCat(command->app(), " too") : "has no more");
}

std::optional<std::string> WhyNoBackup(const DeploymentRecord& record, const std::string& database,
                                       const SchemaSince& since) {
  const v1::Backup* backup = since.Backup();
  if (backup == nullptr) return "there is no backup of before the first of these changes";
  const auto& hosts = record.view().hosts();
  if (std::find(hosts.begin(), hosts.end(), backup->host()) != hosts.end() &&
      record.request().spec().databases().contains(database)) {
    return std::nullopt;
  }
  return absl::StrCat("its backup is ", BackupText(*backup),
                      ", and either that host or the database is no longer part of ",
                      record.view().environment());
}

SchemaFate FateOf(const DeploymentRecord& record, const SchemaSince& since) {
  switch (record.request().rollback().schema()) {
    case v1::RollbackRequest::COMMAND:
      return since.IsSafe() && WhyNoCommand(record, since).has_value() ? SchemaFate::kStays
                                                                       : SchemaFate::kIsTakenBack;
    case v1::RollbackRequest::RESTORE:
      return since.IsSafe() ? SchemaFate::kStays : SchemaFate::kIsReplaced;
    default:
      return SchemaFate::kStays;
  }
}

std::vector<std::pair<std::string, SchemaSince>> SchemasWithFate(const DeploymentRecord& record,
                                                                 SchemaFate fate) {
  std::vector<std::pair<std::string, SchemaSince>> schemas;
  for (auto& [database, since] : SchemasSince(record)) {
    if (FateOf(record, since) == fate) schemas.emplace_back(database, since);
  }
  // One deployment migrates its databases in the order of their names.
  std::reverse(schemas.begin(), schemas.end());
  std::stable_sort(schemas.begin(), schemas.end(), [](const auto& a, const auto& b) {
    return a.second.changes.back()->deployment_id() > b.second.changes.back()->deployment_id();
  });
  return schemas;
}

}  // namespace davit::core
