#include "controller/core/restoration/restoration_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/database/access.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/previous_migrations.h"
#include "controller/core/database/work.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restore_steps.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;

bool IsReleased(const DeploymentRecord& record, const std::string& app) {
  const auto& releases = record.view().releases();
  return std::any_of(releases.begin(), releases.end(),
                     [&](const v1::Release& release) { return release.app() == app; });
}

NewStep CommandStep(const DeploymentRecord& record, const std::string& database,
                    const SchemaSince& since, const std::string& step_id) {
  const v1::DatabaseMigration& declared = *since.Command();
  const auto& words = declared.rollback_command();
  const std::vector<std::string> command =
      FillPrevious({words.begin(), words.end()}, since.Previous());
  v1::Check check;
  *check.mutable_command() = {command.begin(), command.end()};
  NewStep step{.phase = v1::DATABASE,
               .host = record.view().hosts(0),
               .app = declared.app(),
               .title = absl::StrCat("take back the schema of database ", database),
               .takes_back = database};
  worker::v1::RunOneOff& run = *step.spec.mutable_run_one_off();
  *run.mutable_container() =
      OneOffOf(record.previous().at(declared.app()).container(), check, step_id);
  run.set_title(absl::StrCat("rollback_command of database ", database));
  run.set_failure_code(v1::MIGRATION_FAILED);
  *run.mutable_timeout() = declared.timeout();
  return step;
}

absl::StatusOr<BackupToRestore> BackupOf(const DeploymentRecord& record,
                                         const std::string& database, const v1::Backup& backup) {
  auto access = DatabaseAccessOf(record, database);
  if (!access.ok()) return access.status();
  const v1::DatabaseBackup& declared = record.request().spec().databases().at(database).backup();
  return BackupToRestore{.host = backup.host(),
                         .database = *std::move(access),
                         // Where it was put, whatever the directory is by now.
                         .directory = BackupDirectory(backup),
                         .file = BackupFile(backup),
                         .sha256 = backup.sha256(),
                         .timeout = RestoreTimeoutOf(declared)};
}

// A backup that is loaded, and by which step.
struct LoadedBackup {
  BackupToRestore backup;
  std::string step_id;
};

// All that are to be put in place.
absl::StatusOr<std::vector<LoadedBackup>> AddLoads(const DeploymentRecord& record,
                                                   PlanBuilder& plan) {
  std::vector<LoadedBackup> loaded;
  for (const auto& [database, since] : SchemasWithFate(record, SchemaFate::kIsReplaced)) {
    absl::StatusOr<BackupToRestore> backup = BackupOf(record, database, *since.Backup());
    if (!backup.ok()) return backup.status();
    loaded.push_back({.backup = *std::move(backup), .step_id = plan.NextId()});
    plan.Add(LoadBackup(loaded.back().backup));
  }
  return loaded;
}

}  // namespace

bool IsStoppedForRestore(const DeploymentRecord& record, const std::string& app) {
  if (!IsRollbackThatRestores(record.request())) return false;
  std::set<std::string> replaced;
  for (const auto& [database, since] : SchemasWithFate(record, SchemaFate::kIsReplaced)) {
    replaced.insert(database);
  }
  const auto declared = record.request().spec().apps().find(app);
  const bool by_spec = declared != record.request().spec().apps().end() &&
                       replaced.contains(declared->second.database());
  // What runs may have had another one than it would have now, or not be declared any more.
  const auto live = record.previous().find(app);
  return by_spec ||
         (live != record.previous().end() && replaced.contains(live->second.app().database()));
}

void AddSchemaCommands(const DeploymentRecord& record, PlanBuilder& plan) {
  if (record.request().rollback().schema() != v1::RollbackRequest::COMMAND) return;
  plan.NextWave();
  std::vector<int> after;
  for (const auto& [database, since] : SchemasWithFate(record, SchemaFate::kIsTakenBack)) {
    NewStep step = CommandStep(record, database, since, plan.NextId());
    step.after = std::move(after);
    after = {plan.Add(std::move(step))};
  }
}

absl::StatusOr<Stops> StopsForRestore(const DeploymentRecord& record, const Survey& survey) {
  if (!IsRollbackThatRestores(record.request())) return Stops();
  return FindStops(record, survey);
}

absl::Status AddRestores(const DeploymentRecord& record, const Stops& stops, PlanBuilder& plan) {
  if (!IsRollbackThatRestores(record.request())) return absl::OkStatus();
  plan.NextWave();
  const absl::StatusOr<std::vector<LoadedBackup>> loads = AddLoads(record, plan);
  if (!loads.ok()) return loads.status();
  if (loads->empty()) return absl::OkStatus();
  plan.NextWave();
  AddStops(stops, plan);
  plan.NextWave();
  for (const LoadedBackup& load : *loads) plan.Add(RestoreDatabase(load.backup, load.step_id));
  return absl::OkStatus();
}

void AddOthersBack(const DeploymentRecord& record, const Stops& stops, PlanBuilder& plan) {
  Stops others;
  for (const StopOfApp& stop : stops) {
    if (!IsReleased(record, stop.app)) others.push_back(stop);
  }
  if (others.empty()) return;
  plan.NextWave();
  AddPutBacks(others, plan);
  plan.NextWave();
  AddHealthChecks(others, plan);
}

std::optional<v1::Failure> SchemaTakenBack(const DeploymentState& state) {
  if (state.record.request().rollback().schema() != v1::RollbackRequest::COMMAND) {
    return std::nullopt;
  }
  v1::Failure failure = MakeFailure(
      v1::SCHEMA_NOT_SAFE,
      "the release of before serves, and the schema may not be the one that it was made for", {});
  for (const state::v1::StepRecord& step : state.steps) {
    const std::string& database = step.view().takes_back();
    if (database.empty() || step.view().attempt() == 0) continue;
    failure.add_evidence(absl::StrCat(
        "rollback_command of database ", database,
        step.view().state() == v1::STEP_SUCCEEDED
            ? " has taken its schema back, and that stays: to roll back again does not run it again"
            : " was begun, and what it did stays"));
  }
  if (failure.evidence().empty()) return std::nullopt;
  failure.set_likely_cause("the rollback failed after it had taken the schema back");
  failure.set_next_command(absl::StrCat("migrate again by deploying the newest release to ",
                                        state.record.view().environment(),
                                        ", or mend the cause and roll back again"));
  return failure;
}

}  // namespace davit::core
