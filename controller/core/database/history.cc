#include "controller/core/database/history.h"

#include <utility>

#include "controller/core/database/schema_left.h"
#include "controller/core/restoration/restoration.h"

namespace davit::core {
namespace {

// What was applied before stays true of it.
v1::Migration TakenBackMigration(v1::Migration migration) {
  migration.set_meaning(v1::SCHEMA_UNCHANGED);
  migration.clear_changes();
  return migration;
}

}  // namespace

std::optional<state::v1::DatabaseHistory> DatabaseHistoryOf(const DeploymentState& state,
                                                            const std::string& app) {
  const v1::EnvironmentSpec& spec = state.record.request().spec();
  const auto database = spec.databases().find(spec.apps().at(app).database());
  if (database == spec.databases().end()) return std::nullopt;
  state::v1::DatabaseHistory history;
  history.set_database(database->first);
  history.set_deployment_id(state.record.view().id());
  if (database->second.has_migrate()) {
    *history.mutable_declared() = database->second.migrate();
  } else if (const auto* restored = RestoredOf(state.record, app);
             restored != nullptr && restored->database().database() == database->first) {
    // A rollback migrates nothing; what was declared is what it was.
    *history.mutable_declared() = restored->database().declared();
  }
  if (const v1::Backup* backup = BackupOf(state, database->first)) {
    *history.mutable_backup() = *backup;
  }
  for (SchemaLeft& left : SchemasLeft(state)) {
    if (left.database != database->first) continue;
    *history.mutable_migration() =
        left.taken_back ? TakenBackMigration(std::move(left.migration)) : std::move(left.migration);
    history.mutable_migration()->set_database(database->first);
  }
  return history;
}

}  // namespace davit::core
