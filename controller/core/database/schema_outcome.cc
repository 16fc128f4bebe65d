#include "controller/core/database/schema_outcome.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/schema_left.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/core/restoration/rollback_command.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;

// Whether the deployment itself has left something that old code may not be able to run on.
bool LeavesUnsafe(const SchemaLeft& left) {
  return !left.taken_back && !OldCodeCanRun(left.migration.meaning());
}

bool IsNotSafe(const SchemaLeft& left) {
  return left.has_older_code && (LeavesUnsafe(left) || !left.earlier.empty());
}

void AddWhatChanged(const SchemaLeft& left, v1::Failure& failure) {
  int told = 0, more = 0;
  for (const v1::SchemaChange& change : left.migration.changes()) {
    if (OldCodeCanRun(change.meaning())) continue;
    if (told == kMostChangesTold) {
      ++more;
      continue;
    }
    ++told;
    failure.add_evidence(absl::StrCat(left.database, ": ", change.sentence(), ": ",
                                      MeaningWord(change.meaning()),
                                      change.reason().empty() ? "" : ", ", change.reason()));
  }
  if (more > 0) failure.add_evidence(absl::StrCat(left.database, ": and ", more, " more"));
  for (const std::string& gap : left.migration.gaps()) {
    failure.add_evidence(absl::StrCat(left.database, ": ", gap));
  }
}

// Its changes are in that deployment's own record.
void AddEarlier(const SchemaLeft& left, v1::Failure& failure) {
  for (const DatabaseHistory* history : left.earlier) {
    const std::string& id = history->deployment_id();
    const v1::Migration& migration = history->migration();
    for (const v1::SchemaChange& change : migration.changes()) {
      failure.add_evidence(absl::StrCat(left.database, ": ", change.sentence(), " (", id, ")"));
    }
    for (const std::string& gap : migration.gaps()) {
      failure.add_evidence(absl::StrCat(left.database, ": ", gap, " (", id, ")"));
    }
    if (migration.changes_size() + migration.gaps_size() > 0) continue;
    failure.add_evidence(absl::StrCat(left.database, ": what ", id, " has migrated stays as well: ",
                                      MeaningWord(migration.meaning()), "; `davit show ", id,
                                      "` names the changes"));
  }
}

void AddBackup(const SchemaLeft& left, v1::Failure& failure) {
  if (left.backup == nullptr) {
    failure.add_evidence(absl::StrCat(left.database, ": no backup was made before the migration"));
    return;
  }
  failure.add_evidence(absl::StrCat(left.database, ": the backup of before it is ",
                                    left.backup->path(), " on ", left.backup->host(), ", begun at ",
                                    BackupTime(*left.backup)));
}

std::string CauseOf(const std::vector<SchemaLeft>& lefts) {
  const bool own = std::any_of(lefts.begin(), lefts.end(), LeavesUnsafe);
  if (!own) {
    return "an earlier deployment has changed the schema, and did not succeed: this one has found "
           "it done";
  }
  const bool known = std::any_of(lefts.begin(), lefts.end(), [](const SchemaLeft& left) {
    return !left.taken_back && left.migration.meaning() == v1::SCHEMA_UNSAFE;
  });
  return known ? "the migration changed something that the code of before relies on"
               : "what the migration changed is not known, or no rule says that the code of before "
                 "can run on it";
}

// What undoes all that the old code cannot run on, and loses nothing; empty: there is no such
// thing.
std::vector<std::string> UndoingStatements(const std::vector<SchemaLeft>& lefts) {
  std::vector<std::string> statements;
  for (const SchemaLeft& left : lefts) {
    if (left.taken_back || !left.earlier.empty() || left.migration.gaps_size() > 0) return {};
    for (const v1::SchemaChange& change : left.migration.changes()) {
      if (OldCodeCanRun(change.meaning())) continue;
      if (change.undo_sql().empty()) return {};
      statements.push_back(absl::StrCat("`", change.undo_sql(), "`"));
    }
  }
  return statements;
}

std::string WaysOut(const std::vector<SchemaLeft>& lefts, const std::string& environment) {
  std::string text = "mend the new release and deploy it again";
  const std::vector<std::string> undoing = UndoingStatements(lefts);
  if (!undoing.empty()) {
    text =
        absl::StrCat("drop what is not finished, in the database: ", absl::StrJoin(undoing, ", "),
                     ": then the release of before can run, and nothing is lost; ", text);
  }
  // The release of before needs all of its databases as they were.
  std::vector<std::string> restores;
  for (const SchemaLeft& left : lefts) {
    if (left.backup == nullptr) continue;
    restores.push_back(absl::StrCat("`davit restore -e ", environment, " ", left.database, " ",
                                    BackupFile(*left.backup), "`"));
  }
  if (restores.empty()) return text;
  return absl::StrCat(text, "; or go back with ", absl::StrJoin(restores, " and "),
                      restores.size() == 1 ? ", which loses" : ", all of them, which loses",
                      " what was written since");
}

}  // namespace

std::optional<v1::Failure> SchemaNotSafe(const DeploymentState& state) {
  std::vector<SchemaLeft> unsafe = SchemasLeft(state);
  unsafe.erase(std::remove_if(unsafe.begin(), unsafe.end(),
                              [](const SchemaLeft& left) { return !IsNotSafe(left); }),
               unsafe.end());
  if (unsafe.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const SchemaLeft& left : unsafe) names.push_back(left.database);
  const bool own = std::any_of(unsafe.begin(), unsafe.end(), LeavesUnsafe);
  v1::Failure failure = MakeFailure(
      v1::SCHEMA_NOT_SAFE,
      absl::StrCat(own ? "the migration of " : "an earlier migration of ",
                   absl::StrJoin(names, ", "),
                   " stays, and the release of before may not be able to run on what it has left"));
  for (const SchemaLeft& left : unsafe) {
    AddEarlier(left, failure);
    if (!left.taken_back) AddWhatChanged(left, failure);
    if (LacksWhatWasBefore(state, left)) {
      failure.add_evidence(absl::StrCat(left.database,
                                        ": its rollback_command was not run, since it is not "
                                        "known for sure what was applied before"));
    }
    AddBackup(left, failure);
  }
  failure.set_likely_cause(CauseOf(unsafe));
  failure.set_next_command(WaysOut(unsafe, state.record.view().environment()));
  return failure;
}

std::vector<std::string> SchemaKeptNotes(const DeploymentState& state) {
  std::vector<std::string> notes;
  for (const SchemaLeft& left : SchemasLeft(state)) {
    if (left.taken_back) {
      notes.push_back(absl::StrCat("the migration of database ", left.database,
                                   " was taken back by its rollback_command"));
    } else if (!left.has_older_code && left.migration.meaning() != v1::SCHEMA_UNCHANGED) {
      notes.push_back(absl::StrCat("the migration of database ", left.database,
                                   " stays: nothing older uses it"));
    } else if (left.migration.meaning() == v1::SCHEMA_SAFE && left.earlier.empty()) {
      notes.push_back(absl::StrCat("the migration of database ", left.database,
                                   " stays: the release of before can run on what it has left"));
    }
  }
  return notes;
}

}  // namespace davit::core
