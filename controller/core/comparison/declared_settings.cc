#include "controller/core/comparison/declared_settings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/comparison/flatten.h"

namespace davit::core {
namespace {

// Each field under the name of the whole, a command as it is typed.
void AddDeclared(const std::string& name, const google::protobuf::Message& declared,
                 Settings& settings) {
  for (auto& [field, value] : Flatten(declared)) {
    settings[absl::StrCat(name, " ", field)] = {std::move(value), ""};
  }
}

void AddCommandAs(const std::string& key,
                  const google::protobuf::RepeatedPtrField<std::string>& command,
                  Settings& settings) {
  if (!command.empty()) settings[key] = {absl::StrJoin(command, " "), ""};
}

// A map has no order of its own; what is compared has.
void AddTaskEnv(const std::string& name, const v1::Env& env, Settings& settings) {
  for (const auto& [variable, value] : env.clear()) {
    settings[absl::StrCat(name, " env ", variable)] = {value.empty() ? "\"\"" : value, ""};
  }
  for (const auto& [variable, secret] : env.secret()) {
    settings[absl::StrCat(name, " env ", variable)] = {absl::StrCat("secret ", secret), ""};
  }
}

void AddTask(v1::Task task, Settings& settings) {
  const std::string name = absl::StrCat("task ", task.name());
  AddCommandAs(absl::StrCat(name, " command"), task.command(), settings);
  AddTaskEnv(name, task.env(), settings);
  task.clear_name();
  task.clear_command();
  task.clear_env();
  AddDeclared(name, task, settings);
}

void AddMigration(const std::string& database, v1::DatabaseMigration migration,
                  Settings& settings) {
  const std::string name = absl::StrCat("migration of ", database);
  AddCommandAs(absl::StrCat(name, " command"), migration.command(), settings);
  AddCommandAs(absl::StrCat(name, " rollback_command"), migration.rollback_command(), settings);
  migration.clear_app();
  migration.clear_command();
  migration.clear_rollback_command();
  AddDeclared(name, migration, settings);
}

Settings DeclaredOf(const v1::App& app) {
  Settings settings;
  if (!app.database().empty()) settings["database"] = {app.database(), ""};
  for (const v1::Task& task : app.tasks()) AddTask(task, settings);
  return settings;
}

}  // namespace

Settings DeclaredSettings(const DeploymentState& state, const std::string& app) {
  const v1::EnvironmentSpec& spec = state.record.request().spec();
  Settings settings = DeclaredOf(spec.apps().at(app));
  for (const auto& [name, database] : spec.databases()) {
    // The record of a release has that of its own database alone.
    if (name != spec.apps().at(app).database() || database.migrate().app() != app) continue;
    AddMigration(name, database.migrate(), settings);
  }
  return settings;
}

Settings DeclaredSettings(const state::v1::ReleaseRecord& release) {
  Settings settings = DeclaredOf(release.app());
  const state::v1::DatabaseHistory& history = release.database();
  if (history.declared().app() == release.view().app()) {
    AddMigration(history.database(), history.declared(), settings);
  }
  return settings;
}

bool KnowsDeclared(const state::v1::ReleaseRecord& release) { return release.has_app(); }

}  // namespace davit::core
