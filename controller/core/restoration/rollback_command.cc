#include "controller/core/restoration/rollback_command.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/core/database/previous_migrations.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/plan/planner.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

PreviousMigrations PreviousOf(const v1::Migration& migration) {
  return {migration.previous().begin(), migration.previous().end()};
}

bool IsWished(const v1::DatabaseMigration& declared) {
  return declared.rollback() == "command" && !declared.rollback_command().empty();
}

bool HasChangedSomething(const v1::Migration& migration) {
  return migration.meaning() != v1::SCHEMA_UNCHANGED &&
         migration.meaning() != v1::SCHEMA_MEANING_UNSPECIFIED;
}

const v1::DatabaseMigration& DeclaredMigration(const DeploymentState& state,
                                               const std::string& database) {
  return state.record.request().spec().databases().at(database).migrate();
}

}  // namespace

bool LacksWhatWasBefore(const DeploymentState& state, const SchemaLeft& left) {
  const v1::DatabaseMigration& declared = DeclaredMigration(state, left.database);
  return IsWished(declared) &&
         WhyNotFilled(declared, PreviousOf(left.migration), !left.migration.gaps().empty())
             .has_value();
}

std::vector<TakenBack> MigrationsToTakeBack(const DeploymentState& state) {
  std::vector<TakenBack> all;
  const std::set<std::string> in_doubt = HostsInDoubt(state);
  for (const SchemaLeft& left : SchemasLeft(state)) {
    const v1::DatabaseMigration& declared = DeclaredMigration(state, left.database);
    const auto& words = declared.rollback_command();
    if (!IsWished(declared) || left.taken_back || !HasChangedSomething(left.migration)) continue;
    if (in_doubt.contains(left.step->view().host())) continue;
    if (LacksWhatWasBefore(state, left)) continue;
    all.push_back({left.step, left.database,
                   FillPrevious({words.begin(), words.end()}, PreviousOf(left.migration))});
  }
  std::reverse(all.begin(), all.end());
  return all;
}

NewStep RollbackCommandStep(const DeploymentState& state, const TakenBack& taken_back,
                            const std::string& step_id) {
  NewStep step{.phase = v1::ROLLBACK,
               .host = taken_back.migrated->view().host(),
               .app = taken_back.migrated->view().app(),
               .title = absl::StrCat("take back the schema of database ", taken_back.database),
               .takes_back = taken_back.database};
  const worker::v1::RunOneOff& migration = taken_back.migrated->spec().migrate_database().run();
  const google::protobuf::RepeatedPtrField<std::string> command(taken_back.command.begin(),
                                                                taken_back.command.end());
  worker::v1::RunOneOff& run = *step.spec.mutable_run_one_off();
  *run.mutable_container() = OneOffOf(migration.container(), command, step_id);
  run.set_title(absl::StrCat("rollback_command of database ", taken_back.database));
  run.set_failure_code(v1::MIGRATION_FAILED);
  *run.mutable_timeout() = DeclaredMigration(state, taken_back.database).timeout();
  return step;
}

}  // namespace davit::core
