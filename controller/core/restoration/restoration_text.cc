#include "controller/core/restoration/restoration_text.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/previous_migrations.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/core/database/users.h"
#include "controller/core/names.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;

std::string ChangeLine(const std::string& database, const DatabaseHistory& history,
                       const v1::SchemaChange& change) {
  return absl::StrCat(database, ": ", change.sentence(), ": ", MeaningWord(change.meaning()),
                      change.reason().empty() ? "" : absl::StrCat(", ", change.reason()), " (",
                      history.deployment_id(), ")");
}

std::vector<std::string> Shortened(std::vector<std::string> lines, const std::string& database) {
  if (lines.size() <= kMostChangesTold) return lines;
  const size_t more = lines.size() - kMostChangesTold;
  lines.resize(kMostChangesTold);
  lines.push_back(absl::StrCat(database, ": and ", more, " more"));
  return lines;
}

std::string FateNote(const DeploymentRecord& record, const std::string& database,
                     const SchemaSince& since) {
  switch (FateOf(record, since)) {
    case SchemaFate::kIsTakenBack: {
      const auto& words = since.Command()->rollback_command();
      const auto command = FillPrevious({words.begin(), words.end()}, since.Previous());
      return absl::StrCat("the schema of ", database, " is taken back by `",
                          absl::StrJoin(command, " "), "`, in the image that is live now");
    }
    case SchemaFate::kIsReplaced:
      return absl::StrCat("the database ", database, " is replaced by the backup ",
                          BackupText(*since.Backup()), ": all that was written since then is lost",
                          OthersLost(since));
    default:
      return absl::StrCat("the schema of ", database,
                          " stays as it is: ", MeaningWord(since.meaning),
                          " for the older release");
  }
}

// Those that stay live on a schema that is older than they are.
std::vector<std::string> LeftAhead(const DeploymentRecord& record, const std::string& database,
                                   const SchemaSince& since) {
  std::map<std::string, const state::v1::ReleaseRecord*> others;
  for (const auto& [app, live] : record.previous()) {
    const bool released = record.restored().contains(app);
    const bool newer = live.view().deployment_id() >= since.changes.front()->deployment_id();
    if (!released && newer && UsesDatabase(record.request().spec(), live, database))
      others[app] = &live;
  }
  std::vector<std::string> apps;
  for (const auto& [app, live] : others) apps.push_back(app);
  return apps;
}

absl::string_view SchemaOption(const DeploymentRecord& record) {
  return record.request().rollback().schema() == v1::RollbackRequest::COMMAND ? "command"
                                                                              : "restore";
}

std::string AheadNote(const DeploymentRecord& record, const std::string& database,
                      const std::vector<std::string>& apps) {
  std::vector<std::string> versions;
  for (const std::string& app : apps) {
    versions.push_back(AppVersion(app, record.previous().at(app).view().number()));
  }
  const bool one = apps.size() == 1;
  return absl::StrCat(absl::StrJoin(versions, ", "), one ? " stays, and is" : " stay, and are",
                      " newer than the schema of ", database, " will be: ", one ? "it" : "they",
                      " may not be able to run on it; with ", one ? "it" : "them",
                      ": `davit rollback ", absl::StrJoin(record.request().apps(), " "), " ",
                      absl::StrJoin(apps, " "), " -e ", record.view().environment(),
                      ToReleases(record.request()), " --schema ", SchemaOption(record), "`");
}

}  // namespace

std::string OthersLost(const SchemaSince& since) {
  std::set<std::string> others;
  for (const DatabaseHistory* history : since.changes) {
    const auto& migrated = history->migration().since_backup();
    others.insert(migrated.begin(), migrated.end());
  }
  if (others.empty()) return "";
  return absl::StrCat(", also what ", absl::StrJoin(others, ", "), " migrated in it");
}

std::vector<std::string> ChangeLines(const std::string& database, const SchemaSince& since) {
  std::vector<std::string> lines;
  for (const DatabaseHistory* history : since.changes) {
    const v1::Migration& migration = history->migration();
    for (const v1::SchemaChange& change : migration.changes()) {
      lines.push_back(ChangeLine(database, *history, change));
    }
    for (const std::string& gap : migration.gaps()) {
      lines.push_back(absl::StrCat(database, ": ", gap, " (", history->deployment_id(), ")"));
    }
    if (migration.changes().empty() && migration.gaps().empty()) {
      lines.push_back(absl::StrCat(database, ": what the migration of ", history->deployment_id(),
                                   " changed is not known"));
    }
  }
  return Shortened(std::move(lines), database);
}

std::string ToReleases(const v1::DeploymentRequest& request) {
  std::string text;
  for (const std::string& app : request.apps()) {
    const auto number = request.rollback().releases().find(app);
    if (number == request.rollback().releases().end()) continue;
    absl::StrAppend(&text, " --to ", app, "=", number->second);
  }
  return text;
}

std::vector<std::string> DoneAlready(const DeploymentRecord& record) {
  std::vector<std::string> lines;
  for (const DatabaseHistory& history : record.since()) {
    if (history.has_declared() || history.migration().meaning() != v1::SCHEMA_UNCHANGED) continue;
    for (const std::string& gap : history.migration().gaps()) {
      lines.push_back(absl::StrCat("schema of ", history.database(), ": ", gap, " (",
                                   history.deployment_id(), ")"));
    }
  }
  return lines;
}

std::vector<std::string> SchemaNotes(const DeploymentRecord& record) {
  std::vector<std::string> notes;
  if (!record.request().has_rollback()) return notes;
  for (const auto& [database, since] : SchemasSince(record)) {
    notes.push_back(FateNote(record, database, since));
    for (std::string& line : ChangeLines(database, since)) notes.push_back(std::move(line));
    if (FateOf(record, since) == SchemaFate::kStays) continue;
    const std::vector<std::string> ahead = LeftAhead(record, database, since);
    if (!ahead.empty()) notes.push_back(AheadNote(record, database, ahead));
  }
  for (std::string& line : DoneAlready(record)) notes.push_back(std::move(line));
  return notes;
}

}  // namespace davit::core
