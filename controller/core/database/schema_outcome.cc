#include "controller/core/database/schema_outcome.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/failure/failure.h"
#include "controller/core/database/older_code.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/rollback_command.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;
using state::v1::StepRecord;

// Nobody reads hundreds.
constexpr int kMostChangesNamed = 40;

// From the best to the worst.
int RankOf(v1::SchemaMeaning meaning) {
  switch (meaning) {
    case v1::SCHEMA_UNCHANGED:
      return 0;
    case v1::SCHEMA_SAFE:
      return 1;
    case v1::SCHEMA_UNSAFE:
      return 3;
    default:
      return 2;
  }
}

// A worker tells of a migration that it has begun, also when it failed. One that ended
// without a word, before its command said anything, was not begun.
bool WasBegun(const StepRecord& step) {
  const v1::StepState state = step.view().state();
  if (step.view().attempt() == 0 || state == v1::STEP_STARTED) return false;
  return step.outputs().has_migration() || state == v1::STEP_SUCCEEDED ||
         state == v1::STEP_UNKNOWN_OUTCOME || step.has_log_position();
}

v1::Migration MigrationOf(const StepRecord& step) {
  if (step.outputs().has_migration() && step.view().state() != v1::STEP_UNKNOWN_OUTCOME) {
    return step.outputs().migration();
  }
  v1::Migration unknown = step.outputs().migration();
  unknown.set_meaning(v1::SCHEMA_MEANING_UNSPECIFIED);
  if (unknown.gaps().empty()) unknown.add_gaps("nobody knows what the migration has changed");
  return unknown;
}

bool WasTakenBack(const DeploymentState& state, const std::string& database) {
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& step) {
    return IsRollbackCommand(step, database) && step.view().state() == v1::STEP_SUCCEEDED;
  });
}

// Whether the deployment itself has left something that old code may not be able to run on.
bool LeavesUnsafe(const SchemaLeft& left) {
  return !left.taken_back && !OldCodeCanRun(left.migration.meaning());
}

bool IsNotSafe(const SchemaLeft& left) {
  return left.has_older_code && (LeavesUnsafe(left) || !left.earlier.empty());
}

// A rollback migrates nothing, and has what was done since other releases.
std::vector<const DatabaseHistory*> ChangesBefore(const DeploymentState& state,
                                                  const std::string& database) {
  std::vector<const DatabaseHistory*> changes;
  if (state.record.request().has_rollback()) return changes;
  for (const DatabaseHistory& history : state.record.since()) {
    const bool changed = history.migration().meaning() != v1::SCHEMA_UNCHANGED;
    if (history.database() == database && history.has_migration() && changed) {
      changes.push_back(&history);
    }
  }
  return changes;
}

// With what earlier deployments have left.
SchemaLeft WithEarlier(const DeploymentState& state, SchemaLeft left) {
  const std::vector<const DatabaseHistory*> changes = ChangesBefore(state, left.database);
  for (const DatabaseHistory* history : changes) {
    if (!OldCodeCanRun(history->migration().meaning())) left.earlier.push_back(history);
  }
  if (left.earlier.empty()) return left;
  const DatabaseHistory& first = *changes.front();
  left.backup = first.has_backup() ? &first.backup() : nullptr;
  return left;
}

std::string WordFor(v1::SchemaMeaning meaning) {
  return meaning == v1::SCHEMA_UNSAFE ? "not safe" : "not known to be safe";
}

void AddWhatChanged(const SchemaLeft& left, v1::Failure& failure) {
  int told = 0, more = 0;
  for (const v1::SchemaChange& change : left.migration.changes()) {
    if (OldCodeCanRun(change.meaning())) continue;
    if (told == kMostChangesNamed) {
      ++more;
      continue;
    }
    ++told;
    failure.add_evidence(absl::StrCat(left.database, ": ", change.sentence(), ": ",
                                      WordFor(change.meaning()),
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
    failure.add_evidence(absl::StrCat(left.database, ": what ", id,
                                      " has migrated stays as well: ", WordFor(migration.meaning()),
                                      "; `davit show ", id, "` names the changes"));
  }
}

void AddBackup(const SchemaLeft& left, v1::Failure& failure) {
  if (left.backup == nullptr) {
    failure.add_evidence(absl::StrCat(left.database, ": no backup was made before the migration"));
    return;
  }
  failure.add_evidence(
      absl::StrCat(left.database, ": the backup of before it is ", left.backup->path(), " on ",
                   left.backup->host(), ", begun at ",
                   absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", FromProto(left.backup->start_time()),
                                    absl::UTCTimeZone())));
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

std::string WaysOut(const std::vector<SchemaLeft>& lefts, const std::string& environment) {
  std::string text = "mend the new release and deploy it again";
  for (const SchemaLeft& left : lefts) {
    if (left.backup == nullptr) continue;
    const std::string& path = left.backup->path();
    absl::StrAppend(&text, "; or go back with `davit restore -e ", environment, " ", left.database,
                    " ", path.substr(path.rfind('/') + 1), "`, which loses what was written since");
  }
  return text;
}

}  // namespace

v1::SchemaMeaning WorseMeaning(v1::SchemaMeaning one, v1::SchemaMeaning other) {
  return RankOf(other) > RankOf(one) ? other : one;
}

bool OldCodeCanRun(v1::SchemaMeaning meaning) {
  return meaning == v1::SCHEMA_UNCHANGED || meaning == v1::SCHEMA_SAFE;
}

const v1::Backup* BackupOf(const DeploymentState& state, const std::string& database) {
  for (const StepRecord& step : state.steps) {
    const bool of_it = step.spec().backup_database().database().name() == database;
    if (of_it && step.view().state() == v1::STEP_SUCCEEDED && step.view().has_backup()) {
      return &step.view().backup();
    }
  }
  return nullptr;
}

std::vector<SchemaLeft> SchemasLeft(const DeploymentState& state) {
  std::vector<SchemaLeft> lefts;
  for (const StepRecord& step : state.steps) {
    if (!step.spec().has_migrate_database() || !WasBegun(step)) continue;
    const std::string& database = step.spec().migrate_database().database().name();
    SchemaLeft left{.step = &step,
                    .database = database,
                    .migration = MigrationOf(step),
                    .backup = BackupOf(state, database),
                    .taken_back = WasTakenBack(state, database),
                    .has_older_code = OlderCodeUses(state, database)};
    lefts.push_back(WithEarlier(state, std::move(left)));
  }
  return lefts;
}

v1::SchemaMeaning MeaningLeft(const DeploymentState& state) {
  v1::SchemaMeaning worst = v1::SCHEMA_UNCHANGED;
  for (const SchemaLeft& left : SchemasLeft(state)) {
    if (!left.taken_back) worst = WorseMeaning(worst, left.migration.meaning());
  }
  return worst;
}

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
