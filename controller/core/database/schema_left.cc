#include "controller/core/database/schema_left.h"

#include <algorithm>
#include <utility>

#include "controller/core/database/schema_meaning.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;
using state::v1::StepRecord;

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
  if (database.empty()) return false;  // nor do other steps take back any
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& step) {
    return step.view().takes_back() == database && step.view().state() == v1::STEP_SUCCEEDED;
  });
}

// A rollback migrates nothing, and has what was done since other releases.
std::vector<const DatabaseHistory*> ChangesBefore(const DeploymentState& state,
                                                  const std::string& database) {
  std::vector<const DatabaseHistory*> changes;
  if (state.record.request().has_rollback()) return changes;
  for (const DatabaseHistory& history : state.record.since()) {
    if (history.database() == database && MayHaveChanged(history)) changes.push_back(&history);
  }
  return changes;
}

// Where all the code of before is elsewhere, and became live after it, it is that code's own past.
bool ConcernsOlderCode(const DatabaseHistory& history, const OlderCode& older) {
  return older.is_here || older.others.empty() ||
         std::any_of(older.others.begin(), older.others.end(), [&](const auto* user) {
           return user->release().deployment_id() < history.deployment_id();
         });
}

// With what earlier deployments have left.
SchemaLeft WithEarlier(const DeploymentState& state, SchemaLeft left) {
  for (const DatabaseHistory* history : ChangesBefore(state, left.database)) {
    if (OldCodeCanRun(history->migration().meaning())) continue;
    if (ConcernsOlderCode(*history, left.older)) left.earlier.push_back(history);
  }
  if (left.earlier.empty()) return left;
  // What was safe before that may stay: a backup of before it would lose more than is needed.
  const DatabaseHistory& first = *left.earlier.front();
  left.backup = first.has_backup() ? &first.backup() : nullptr;
  return left;
}

}  // namespace

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
                    .older = OlderCodeOf(state, database)};
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

}  // namespace davit::core
