#include "controller/core/database/schema_outcome.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/schema_evidence.h"
#include "controller/core/database/schema_left.h"
#include "controller/core/database/schema_meaning.h"

namespace davit::core {
namespace {

// Whether the deployment itself has left something that old code may not be able to run on.
bool LeavesUnsafe(const SchemaLeft& left) {
  return !left.taken_back && !OldCodeCanRun(left.migration.meaning());
}

bool IsNotSafe(const SchemaLeft& left) {
  return left.older.IsAny() && (LeavesUnsafe(left) || !left.earlier.empty());
}

// All who have to run on what is left.
OlderCode OlderCodeOfAll(const std::vector<SchemaLeft>& lefts) {
  OlderCode all{.is_here = false};
  for (const SchemaLeft& left : lefts) {
    all.is_here = all.is_here || left.older.is_here;
    all.others.insert(all.others.end(), left.older.others.begin(), left.older.others.end());
  }
  return all;
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

std::string WaysOut(const DeploymentState& state, const std::vector<SchemaLeft>& lefts) {
  const OlderCode older = OlderCodeOfAll(lefts);
  const std::string others =
      OlderCodeName(state.record, {.is_here = false, .others = older.others});
  std::string text = "mend the new release and deploy it again";
  const std::vector<std::string> undoing = UndoingStatements(lefts);
  if (!undoing.empty()) {
    text = absl::StrCat(
        "drop what is not finished, in the database: ", absl::StrJoin(undoing, ", "), ": then ",
        OlderCodeName(state.record, older), " can run, and nothing is lost; ", text);
  }
  // The release of before needs all of its databases as they were.
  std::vector<std::string> restores;
  for (const SchemaLeft& left : lefts) {
    if (left.backup == nullptr) continue;
    restores.push_back(absl::StrCat("`davit restore -e ", state.record.view().environment(), " ",
                                    left.database, " ", BackupFile(*left.backup), "`"));
  }
  if (restores.empty()) return text;
  return absl::StrCat(text, "; or go back with ", absl::StrJoin(restores, " and "),
                      restores.size() == 1 ? ", which loses" : ", all of them, which loses",
                      " what was written since",
                      others.empty() ? "" : absl::StrCat(", also by ", others));
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
      v1::SCHEMA_NOT_SAFE, absl::StrCat(own ? "the migration of " : "an earlier migration of ",
                                        absl::StrJoin(names, ", "), " stays, and ",
                                        OlderCodeName(state.record, OlderCodeOfAll(unsafe)),
                                        " may not be able to run on what it has left"));
  for (const SchemaLeft& left : unsafe) AddSchemaEvidence(state, left, failure);
  failure.set_likely_cause(CauseOf(unsafe));
  failure.set_next_command(WaysOut(state, unsafe));
  return failure;
}

std::vector<std::string> SchemaKeptNotes(const DeploymentState& state) {
  std::vector<std::string> notes;
  for (const SchemaLeft& left : SchemasLeft(state)) {
    if (left.taken_back) {
      notes.push_back(absl::StrCat("the migration of database ", left.database,
                                   " was taken back by its rollback_command"));
    } else if (!left.older.IsAny() && left.migration.meaning() != v1::SCHEMA_UNCHANGED) {
      notes.push_back(absl::StrCat("the migration of database ", left.database,
                                   " stays: nothing older uses it"));
    } else if (left.migration.meaning() == v1::SCHEMA_SAFE && left.earlier.empty()) {
      notes.push_back(absl::StrCat("the migration of database ", left.database,
                                   " stays: ", OlderCodeName(state.record, left.older),
                                   " can run on what it has left"));
    }
  }
  return notes;
}

}  // namespace davit::core
