#include "controller/core/database/foresight.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/older_code.h"
#include "controller/core/database/steps.h"
#include "controller/core/database/users.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;

std::string MigrationNote(const DeploymentRecord& record, const std::string& name) {
  const v1::Database& database = record.request().spec().databases().at(name);
  const std::string how =
      WantsBackup(database)
          ? absl::StrCat("backed up to ", database.backup().directory(), " on ",
                         DatabaseHost(record), ", then migrated once")
          : "migrated once, without a backup before (backup.before_migrate is off)";
  return absl::StrCat(
      "database ", name, " is ", how, ", in the new image of ", database.migrate().app(),
      ", for all that use it: ", absl::StrJoin(UsersOf(record.request().spec(), name), ", "));
}

}  // namespace

std::vector<std::string> DatabaseNotes(const DeploymentRecord& record) {
  if (record.request().has_rollback()) return {};
  const std::vector<std::string> migrated = DatabasesMigrated(record);
  std::vector<std::string> notes;
  for (const std::string& name : DatabasesAwaited(record)) {
    if (std::find(migrated.begin(), migrated.end(), name) != migrated.end()) {
      notes.push_back(MigrationNote(record, name));
      continue;
    }
    const v1::Database& database = record.request().spec().databases().at(name);
    if (!database.has_migrate()) continue;
    notes.push_back(absl::StrCat("database ", name, " is not migrated: ", database.migrate().app(),
                                 ", which migrates it, is not among what is deployed"));
  }
  return notes;
}

std::vector<std::string> SchemaForeseen(const DeploymentState& state) {
  std::vector<std::string> sentences;
  for (const std::string& name : DatabasesMigrated(state.record)) {
    const v1::DatabaseMigration& declared =
        state.record.request().spec().databases().at(name).migrate();
    if (declared.rollback() == "command" && !declared.rollback_command().empty()) continue;
    const std::string older =
        OlderCodeName(state.record, OlderCodeOf(state, name), "the old release");
    const std::string what =
        older.empty() ? "nothing older uses it"
                      : absl::StrCat("where ", older,
                                     " may not be able to run on what has changed, the deployment "
                                     "ends as one that needs attention");
    sentences.push_back(absl::StrCat("database ", name, " stays migrated; ", what));
  }
  return sentences;
}

}  // namespace davit::core
