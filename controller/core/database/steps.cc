#include "controller/core/database/steps.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/core/database/access.h"
#include "controller/core/database/backups_needed.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/restoration/restoration_schema.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using worker::v1::ContainerSpec;
using worker::v1::DatabaseAccess;

// Who only checks wants to know soon that a database is not reached.
constexpr int kAttemptsOfCheck = 3;

const v1::Database& DeclaredAs(const DeploymentRecord& record, const std::string& database) {
  return record.request().spec().databases().at(database);
}

NewStep StepOfDatabase(const DeploymentRecord& record, v1::Phase phase, absl::string_view what,
                       const std::string& database) {
  return {.phase = phase,
          .host = DatabaseHost(record),
          .title = absl::StrCat(what, " database ", database)};
}

// The released app that a database is reached as.
std::string ReachedAs(const DeploymentRecord& record, const std::string& database,
                      const std::map<std::string, ContainerSpec>& containers) {
  const std::string& migrates = DeclaredAs(record, database).migrate().app();
  if (containers.contains(migrates)) return migrates;
  for (const v1::Release& release : record.view().releases()) {
    const v1::App& app = record.request().spec().apps().at(release.app());
    if (app.database() == database) return release.app();
  }
  return "";
}

// The older release reaches the database by the URL that it had, be it rotated since.
void UseUrlOf(const ContainerSpec& container, DatabaseAccess& access) {
  for (const auto& [variable, use] : container.secret_env()) {
    const bool is_url =
        use.name() == access.url().name() && use.environment() == access.url().environment();
    if (is_url) *access.mutable_url() = use;
  }
}

// Whether anything but a backup is to be done to its schema.
bool IsChanged(const DeploymentRecord& record, const std::string& database) {
  const std::vector<std::string> migrated = DatabasesMigrated(record);
  if (std::find(migrated.begin(), migrated.end(), database) != migrated.end()) return true;
  if (record.request().rollback().schema() != v1::RollbackRequest::COMMAND) return false;
  for (const auto& [name, since] : SchemasWithFate(record, SchemaFate::kIsTakenBack)) {
    if (name == database) return true;
  }
  return false;
}

}  // namespace

const std::string& DatabaseHost(const DeploymentRecord& record) { return record.view().hosts(0); }

bool WantsBackup(const v1::Database& database) {
  return !database.backup().has_before_migrate() || database.backup().before_migrate();
}

std::vector<std::string> DatabasesAwaited(const DeploymentRecord& record) {
  std::set<std::string> names;
  for (const v1::Release& release : record.view().releases()) {
    const std::string& database = record.request().spec().apps().at(release.app()).database();
    if (record.request().spec().databases().contains(database)) names.insert(database);
  }
  for (std::string& name : DatabasesMigrated(record)) names.insert(std::move(name));
  return {names.begin(), names.end()};
}

std::vector<std::string> DatabasesMigrated(const DeploymentRecord& record) {
  if (record.request().has_rollback()) return {};
  std::set<std::string> names;
  for (const auto& [name, database] : record.request().spec().databases()) {
    const auto& releases = record.view().releases();
    const std::string& app = database.migrate().app();
    const auto migrates = [&](const v1::Release& release) { return release.app() == app; };
    if (database.has_migrate() && std::any_of(releases.begin(), releases.end(), migrates)) {
      names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

absl::StatusOr<DatabaseAccesses> AccessToDatabases(
    const DeploymentRecord& record, const std::map<std::string, ContainerSpec>& containers) {
  DatabaseAccesses accesses;
  for (const std::string& name : DatabasesAwaited(record)) {
    const auto container = containers.find(ReachedAs(record, name, containers));
    absl::StatusOr<DatabaseAccess> access = DatabaseAccessOf(
        record, name, container == containers.end() ? ContainerSpec() : container->second);
    if (!access.ok()) return access.status();
    const bool rollback = record.request().has_rollback();
    if (rollback && container != containers.end()) UseUrlOf(container->second, *access);
    accesses[name] = *std::move(access);
  }
  return accesses;
}

NewStep WaitForDatabase(const DeploymentRecord& record, const DatabaseAccess& access) {
  const v1::DatabaseWait& declared = DeclaredAs(record, access.name()).wait();
  NewStep step = StepOfDatabase(record, v1::PREPARE, "wait for", access.name());
  worker::v1::WaitDatabase& wait = *step.spec.mutable_wait_database();
  *wait.mutable_database() = access;
  wait.set_attempts(record.check_only() ? std::min(declared.attempts(), kAttemptsOfCheck)
                                        : declared.attempts());
  *wait.mutable_interval() = declared.interval();
  wait.set_for_changes(IsChanged(record, access.name()));
  return step;
}

NewStep BackUpDatabase(const DeploymentRecord& record, const DatabaseAccess& access) {
  const v1::DatabaseBackup& declared = DeclaredAs(record, access.name()).backup();
  NewStep step = StepOfDatabase(record, v1::DATABASE, "back up", access.name());
  worker::v1::BackupDatabase& backup = *step.spec.mutable_backup_database();
  *backup.mutable_database() = access;
  backup.set_directory(declared.directory());
  backup.set_keep(declared.keep());
  backup.set_host(step.host);
  *backup.mutable_timeout() = declared.timeout();
  for (const std::string& path : BackupsNeeded(record, access.name(), step.host)) {
    backup.add_keep_paths(path);
  }
  return step;
}

NewStep MigrateDatabase(const DeploymentRecord& record, const DatabaseAccess& access,
                        const ContainerSpec& container, const std::string& step_id) {
  const v1::Database& database = DeclaredAs(record, access.name());
  const v1::DatabaseMigration& declared = database.migrate();
  NewStep step = StepOfDatabase(record, v1::DATABASE, "migrate", access.name());
  step.app = declared.app();
  worker::v1::MigrateDatabase& migrate = *step.spec.mutable_migrate_database();
  *migrate.mutable_database() = access;
  *migrate.mutable_lock_timeout() = declared.lock_timeout();
  migrate.set_host(step.host);
  if (WantsBackup(database)) migrate.set_backup_directory(database.backup().directory());
  worker::v1::RunOneOff& run = *migrate.mutable_run();
  *run.mutable_container() = OneOffOf(container, declared.command(), step_id);
  run.set_title(step.title);
  run.set_failure_code(v1::MIGRATION_FAILED);
  *run.mutable_timeout() = declared.timeout();
  return step;
}

void AddMigrations(const DeploymentRecord& record, const DatabaseAccesses& accesses,
                   const std::map<std::string, ContainerSpec>& containers, PlanBuilder& plan) {
  const std::vector<std::string> databases = DatabasesMigrated(record);
  if (databases.empty()) return;
  plan.NextWave();
  std::vector<int> after;
  const auto add = [&](NewStep step) {
    step.after = std::move(after);
    after = {plan.Add(std::move(step))};
  };
  for (const std::string& name : databases) {
    const v1::Database& declared = DeclaredAs(record, name);
    const DatabaseAccess& access = accesses.at(name);
    if (WantsBackup(declared)) add(BackUpDatabase(record, access));
    const ContainerSpec& container = containers.at(declared.migrate().app());
    add(MigrateDatabase(record, access, container, plan.NextId()));
  }
}

}  // namespace davit::core
