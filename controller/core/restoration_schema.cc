#include "controller/core/restoration_schema.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/failure/failure.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration_plan.h"
#include "controller/core/schema_outcome.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;
using Schema = v1::RollbackRequest;

absl::string_view MeaningWord(v1::SchemaMeaning meaning) {
  switch (meaning) {
    case v1::SCHEMA_UNCHANGED:
      return "no difference";
    case v1::SCHEMA_SAFE:
      return "safe";
    case v1::SCHEMA_UNSAFE:
      return "not safe";
    default:
      return "not known to be safe";
  }
}

// One that was begun without leaving a trace changes nothing for anybody.
bool MayHaveChanged(const DatabaseHistory& history) {
  return history.has_migration() && history.migration().meaning() != v1::SCHEMA_UNCHANGED;
}

std::string ChangeLine(const std::string& database, const DatabaseHistory& history,
                       const v1::SchemaChange& change) {
  return absl::StrCat(database, ": ", change.sentence(), ": ", MeaningWord(change.meaning()),
                      change.reason().empty() ? "" : absl::StrCat(", ", change.reason()), " (",
                      history.deployment_id(), ")");
}

// More are counted: nobody reads hundreds, and each becomes an event.
constexpr size_t kMostChangesTold = 40;

std::vector<std::string> Shortened(std::vector<std::string> lines, const std::string& database) {
  if (lines.size() <= kMostChangesTold) return lines;
  const size_t more = lines.size() - kMostChangesTold;
  lines.resize(kMostChangesTold);
  lines.push_back(absl::StrCat(database, ": and ", more, " more"));
  return lines;
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

std::string BackupText(const v1::Backup& backup) {
  return absl::StrCat(backup.path(), " on ", backup.host(), ", of ",
                      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", FromProto(backup.start_time()),
                                       absl::UTCTimeZone()));
}

// What the user can choose, or why not.
void AddWaysOut(const std::string& database, const SchemaSince& since, v1::Failure& failure) {
  if (const v1::Backup* backup = since.Backup()) {
    failure.add_evidence(absl::StrCat(database, ": --schema restore would put ",
                                      BackupText(*backup), " in its place; all that was written ",
                                      "since then would be lost"));
  } else {
    failure.add_evidence(
        absl::StrCat(database, ": there is no backup of before the first of these changes"));
  }
  failure.add_evidence(since.Command() == nullptr
                           ? absl::StrCat(database, ": no rollback_command is declared for it")
                           : absl::StrCat(database, ": --schema command would run `",
                                          absl::StrJoin(since.Command()->rollback_command(), " "),
                                          "` in the image that is live now"));
}

// The releases that were asked for: the command must not go back to others.
std::string ToReleases(const v1::DeploymentRequest& request) {
  std::string text;
  for (const std::string& app : request.apps()) {
    const auto number = request.rollback().releases().find(app);
    if (number == request.rollback().releases().end()) continue;
    absl::StrAppend(&text, " --to ", app, "=", number->second);
  }
  return text;
}

absl::Status NotSafe(const DeploymentRecord& record,
                     const std::map<std::string, SchemaSince>& schemas) {
  std::vector<std::string> names;
  v1::Failure failure = MakeFailure(v1::SCHEMA_NOT_SAFE, "");
  for (const auto& [database, since] : schemas) {
    if (since.IsSafe()) continue;
    names.push_back(database);
    for (std::string& line : ChangeLines(database, since)) failure.add_evidence(std::move(line));
    AddWaysOut(database, since, failure);
  }
  failure.set_message(absl::StrCat("the schema of ", absl::StrJoin(names, ", "),
                                   " was changed since, in a way that the older release may not ",
                                   "be able to work with; nothing was touched"));
  failure.set_next_command(absl::StrCat("choose what becomes of it: `davit rollback ",
                                        absl::StrJoin(record.request().apps(), " "), " -e ",
                                        record.view().environment(), ToReleases(record.request()),
                                        " --schema keep`, `command` or `restore`"));
  return FailureStatus(failure);
}

absl::Status CannotBeDone(const std::string& database, absl::string_view why,
                          absl::string_view others) {
  v1::Failure failure =
      MakeFailure(v1::SCHEMA_NOT_SAFE,
                  absl::StrCat("the schema of ", database, " cannot be taken back: ", why));
  failure.clear_likely_cause();
  failure.set_next_command(absl::StrCat("choose another way: ", others));
  return FailureStatus(failure);
}

// That nothing is known of a label does not mean that nothing of it was applied: to go back
// to nothing would drop all its tables.
bool CannotBeFilled(const SchemaSince& since) {
  return NamesPrevious(*since.Command()) &&
         std::any_of(
             since.changes.begin(), since.changes.end(),
             [](const DatabaseHistory* history) { return !history->migration().gaps().empty(); });
}

absl::Status CheckCommand(const DeploymentRecord& record, const std::string& database,
                          const SchemaSince& since) {
  const v1::DatabaseMigration* command = since.Command();
  if (command == nullptr) {
    return CannotBeDone(database, "no rollback_command was declared for its migration",
                        "`--schema keep` or `--schema restore`");
  }
  if (CannotBeFilled(since)) {
    return CannotBeDone(database,
                        "its rollback_command wants to know what was applied before, which could "
                        "not be looked at",
                        "`--schema keep` or `--schema restore`");
  }
  const auto live = record.previous().find(command->app());
  const std::string& newest = since.changes.back()->deployment_id();
  if (live != record.previous().end() && live->second.view().deployment_id() < newest) {
    return CannotBeDone(database,
                        absl::StrCat("its newest migration came with ", newest,
                                     ", whose release is not live: only that image knows how"),
                        "`--schema keep` or `--schema restore`");
  }
  if (live != record.previous().end() && live->second.has_container()) return absl::OkStatus();
  return CannotBeDone(
      database,
      absl::StrCat("its rollback_command runs in the live release of ", command->app(),
                   ", which is not rolled back with it"),
      absl::StrCat("name ", command->app(), " too, or use `--schema keep` or `--schema restore`"));
}

absl::Status CheckBackup(const DeploymentRecord& record, const std::string& database,
                         const SchemaSince& since) {
  const v1::Backup* backup = since.Backup();
  if (backup == nullptr) {
    return CannotBeDone(database, "no backup was made before its first migration since",
                        "`--schema keep` or `--schema command`");
  }
  const auto& hosts = record.view().hosts();
  if (std::find(hosts.begin(), hosts.end(), backup->host()) != hosts.end() &&
      record.request().spec().databases().contains(database)) {
    return absl::OkStatus();
  }
  return CannotBeDone(database,
                      absl::StrCat("its backup is ", BackupText(*backup),
                                   ", and either that host or the database is no longer part of ",
                                   record.view().environment()),
                      "`--schema keep` or `--schema command`");
}

}  // namespace

const v1::Backup* SchemaSince::Backup() const {
  return changes.front()->has_backup() ? &changes.front()->backup() : nullptr;
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

absl::Status CheckSchemaSince(const DeploymentRecord& record) {
  const std::map<std::string, SchemaSince> schemas = SchemasSince(record);
  const Schema::Schema chosen = record.request().rollback().schema();
  for (const auto& [database, since] : schemas) {
    if (chosen == Schema::SCHEMA_UNSPECIFIED && !since.IsSafe()) return NotSafe(record, schemas);
    absl::Status status;
    if (chosen == Schema::COMMAND) status = CheckCommand(record, database, since);
    if (chosen == Schema::RESTORE) status = CheckBackup(record, database, since);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::vector<std::string> SchemaNotes(const DeploymentRecord& record) {
  std::vector<std::string> notes;
  const Schema::Schema chosen = record.request().rollback().schema();
  for (const auto& [database, since] : SchemasSince(record)) {
    if (chosen == Schema::COMMAND) {
      const auto& words = since.Command()->rollback_command();
      const auto command = FillPrevious({words.begin(), words.end()}, since.Previous());
      notes.push_back(absl::StrCat("the schema of ", database, " is taken back by `",
                                   absl::StrJoin(command, " "),
                                   "`, in the image that is live now"));
    } else if (chosen == Schema::RESTORE) {
      notes.push_back(absl::StrCat("the database ", database, " is replaced by the backup ",
                                   BackupText(*since.Backup()),
                                   ": all that was written since then is lost"));
    } else {
      notes.push_back(absl::StrCat("the schema of ", database, " stays as it is: ",
                                   MeaningWord(since.meaning), " for the older release"));
    }
    for (std::string& line : ChangeLines(database, since)) notes.push_back(std::move(line));
  }
  return notes;
}

}  // namespace davit::core
