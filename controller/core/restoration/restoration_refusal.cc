#include "controller/core/restoration/restoration_refusal.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restoration_text.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using Schema = v1::RollbackRequest;
using Schemas = std::map<std::string, SchemaSince>;

// The words for `--schema` that can be done with all that is not safe.
std::vector<std::string> WaysOf(const DeploymentRecord& record, const Schemas& schemas) {
  bool command = true, restore = true;
  for (const auto& [database, since] : schemas) {
    if (since.IsSafe()) continue;
    command = command && !WhyNoCommand(record, since).has_value();
    restore = restore && !WhyNoBackup(record, database, since).has_value();
  }
  const Schema::Schema chosen = record.request().rollback().schema();
  std::vector<std::string> ways = {"keep"};
  if (command && chosen != Schema::COMMAND) ways.emplace_back("command");
  if (restore && chosen != Schema::RESTORE) ways.emplace_back("restore");
  return ways;
}

// What the user can choose, or why not.
void AddWaysOut(const DeploymentRecord& record, const std::string& database,
                const SchemaSince& since, v1::Failure& failure) {
  if (const auto why = WhyNoBackup(record, database, since)) {
    failure.add_evidence(absl::StrCat(database, ": ", *why));
  } else {
    failure.add_evidence(absl::StrCat(database, ": --schema restore would put ",
                                      BackupText(*since.Backup()), " in its place; all that was ",
                                      "written since then would be lost", OthersLost(since)));
  }
  if (const auto why = WhyNoCommand(record, since)) {
    failure.add_evidence(absl::StrCat(database, ": ", *why));
  } else {
    failure.add_evidence(absl::StrCat(database, ": --schema command would run `",
                                      absl::StrJoin(since.Command()->rollback_command(), " "),
                                      "` in the image that is live now"));
  }
}

// The command names the releases that were asked for: it must not go back to others.
std::string Advice(const DeploymentRecord& record, const Schemas& schemas) {
  std::vector<std::string> ways = WaysOf(record, schemas);
  const std::string command =
      absl::StrCat("`davit rollback ", absl::StrJoin(record.request().apps(), " "), " -e ",
                   record.view().environment(), ToReleases(record.request()), " --schema keep`");
  if (ways.size() == 1) {
    return absl::StrCat("nothing can take it back: deploy the image of the release that you want, ",
                        "which migrates, or, if you know better, ", command);
  }
  ways.erase(ways.begin());
  return absl::StrCat("choose what becomes of it: ", command, " or `",
                      absl::StrJoin(ways, "` or `"), "` in its place");
}

absl::Status NotSafe(const DeploymentRecord& record, const Schemas& schemas) {
  std::vector<std::string> names;
  v1::Failure failure = MakeFailure(v1::SCHEMA_NOT_SAFE, "");
  for (const auto& [database, since] : schemas) {
    if (since.IsSafe()) continue;
    names.push_back(database);
    for (std::string& line : ChangeLines(database, since)) failure.add_evidence(std::move(line));
    AddWaysOut(record, database, since, failure);
  }
  for (std::string& line : DoneAlready(record)) failure.add_evidence(std::move(line));
  failure.set_message(absl::StrCat("the schema of ", absl::StrJoin(names, ", "),
                                   " was changed since, in a way that the older release may not ",
                                   "be able to work with; nothing was touched"));
  failure.set_next_command(Advice(record, schemas));
  return FailureStatus(failure);
}

absl::Status CannotBeDone(const DeploymentRecord& record, const std::string& database,
                          absl::string_view why) {
  v1::Failure failure =
      MakeFailure(v1::SCHEMA_NOT_SAFE,
                  absl::StrCat("the schema of ", database, " cannot be taken back: ", why));
  failure.clear_likely_cause();
  failure.set_next_command(absl::StrCat("choose another way: ", WaysLeft(record)));
  return FailureStatus(failure);
}

std::optional<std::string> WhyNot(const DeploymentRecord& record, const std::string& database,
                                  const SchemaSince& since) {
  switch (FateOf(record, since)) {
    case SchemaFate::kIsTakenBack:
      return WhyNoCommand(record, since);
    case SchemaFate::kIsReplaced:
      return WhyNoBackup(record, database, since);
    default:
      return std::nullopt;
  }
}

// Two that may be one on their server: what is done for the one would be undone, or done
// twice, for the other.
absl::Status CheckAreTwo(const DeploymentRecord& record, const Schemas& schemas) {
  std::map<std::string, std::string> by_secret;
  for (const auto& [database, since] : schemas) {
    const auto declared = record.request().spec().databases().find(database);
    if (declared == record.request().spec().databases().end()) continue;
    if (FateOf(record, since) == SchemaFate::kStays) continue;
    const std::string& secret = declared->second.url().secret();
    const auto [other, fresh] = by_secret.emplace(secret, database);
    if (fresh) continue;
    return CannotBeDone(record, database,
                        absl::StrCat("it may be the same database as ", other->second,
                                     ", as both have their URL from the secret ", secret));
  }
  return absl::OkStatus();
}

}  // namespace

std::string WaysLeft(const DeploymentRecord& record) {
  const std::vector<std::string> ways = WaysOf(record, SchemasSince(record));
  return absl::StrCat("`--schema ", absl::StrJoin(ways, "` or `--schema "), "`");
}

absl::Status CheckSchemaSince(const DeploymentRecord& record) {
  const Schemas schemas = SchemasSince(record);
  const bool chosen = record.request().rollback().schema() != Schema::SCHEMA_UNSPECIFIED;
  for (const auto& [database, since] : schemas) {
    if (!chosen && !since.IsSafe()) return NotSafe(record, schemas);
    if (const auto why = WhyNot(record, database, since)) {
      return CannotBeDone(record, database, *why);
    }
  }
  return CheckAreTwo(record, schemas);
}

}  // namespace davit::core
