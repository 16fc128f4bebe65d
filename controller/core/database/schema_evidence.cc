#include "controller/core/database/schema_evidence.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/core/database/users.h"
#include "controller/core/restoration/rollback_command.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;

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

// They are not in what was released, so nobody would look for them.
void AddOtherUsers(const DeploymentState& state, const SchemaLeft& left, v1::Failure& failure) {
  if (left.older.others.empty()) return;
  const bool one = left.older.others.size() == 1;
  failure.add_evidence(absl::StrCat(
      left.database, ": ",
      absl::StrJoin(left.older.others, ", ",
                    [&](std::string* text, const state::v1::DatabaseUser* user) {
                      text->append(OtherUserName(state.record, *user));
                    }),
      one ? " uses" : " use", " the same database, and ", one ? "runs" : "run", " code of before"));
}

}  // namespace

void AddSchemaEvidence(const DeploymentState& state, const SchemaLeft& left, v1::Failure& failure) {
  AddEarlier(left, failure);
  if (!left.taken_back) AddWhatChanged(left, failure);
  if (LacksWhatWasBefore(state, left)) {
    failure.add_evidence(absl::StrCat(left.database,
                                      ": its rollback_command was not run, since it is not "
                                      "known for sure what was applied before"));
  }
  AddOtherUsers(state, left, failure);
  AddBackup(left, failure);
}

}  // namespace davit::core
