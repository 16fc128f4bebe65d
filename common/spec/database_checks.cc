#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/checks.h"
#include "common/spec/problem_list.h"
#include "common/spec/rollback_template.h"
#include "common/spec/rules.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

void CheckProgram(const google::protobuf::RepeatedPtrField<std::string>& command,
                  absl::string_view name, const std::string& parent, const Report& report) {
  if (command.empty() || !command[0].empty()) return;
  report({PathOf(PathOf(parent, name), 0),
          absl::StrCat("`", name, "` begins with the program to run")});
}

void CheckDirectory(const v1::DatabaseBackup& backup, const std::string& path,
                    const Report& report) {
  for (absl::string_view part : absl::StrSplit(backup.directory(), '/')) {
    if (part != "..") continue;
    report({PathOf(path, "directory"), "`directory` must not have `..` in it"});
    return;
  }
  if (backup.directory() != "/") return;
  report({PathOf(path, "directory"), "`directory` must be a directory of its own, not `/`"});
}

void CheckRollbackCommand(const v1::DatabaseMigration& migrate, const std::string& path,
                          const Report& report) {
  CheckProgram(migrate.rollback_command(), "rollback_command", path, report);
  for (int i = 0; i < migrate.rollback_command_size(); ++i) {
    const absl::Status readable = HasPrevious(migrate.rollback_command(i)).status();
    if (readable.ok()) continue;
    report({PathOf(PathOf(path, "rollback_command"), i),
            absl::StrCat("`rollback_command`: ", readable.message())});
  }
  if (migrate.rollback() != "command" || !migrate.rollback_command().empty()) return;
  report({PathOf(path, "rollback"), "`rollback: command` needs a `rollback_command`"});
}

void CheckMigration(const v1::DatabaseMigration& migrate, const std::string& path,
                    const Report& report) {
  CheckDuration(migrate.timeout(), "timeout", Zero::kRefused, path, report);
  CheckDuration(migrate.lock_timeout(), "lock_timeout", Zero::kAllowed, path, report);
  CheckProgram(migrate.command(), "command", path, report);
  CheckRollbackCommand(migrate, path, report);
}

std::vector<std::string> DatabaseNames(const v1::EnvironmentSpec& spec) {
  std::vector<std::string> names;
  names.reserve(spec.databases_size());
  for (const auto& [name, database] : spec.databases()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

void CheckMigratingApp(const v1::EnvironmentSpec& spec, const std::string& name,
                       const std::string& path, const Report& report) {
  const std::string& app = spec.databases().at(name).migrate().app();
  if (app.empty()) return;  // the rules have said so
  const auto found = spec.apps().find(app);
  if (found == spec.apps().end()) {
    report({path, absl::StrCat("no app ", Quoted(app), " in this environment",
                               DidYouMean(app, AppNames(spec)))});
  } else if (found->second.database() != name) {
    report({path, absl::StrCat("the app ", Quoted(app), " migrates ", Quoted(name),
                               " and must say so: `database: ", name, "`")});
  }
}

void CheckUse(const v1::EnvironmentSpec& spec, const std::string& app, const Report& report) {
  const std::string& name = spec.apps().at(app).database();
  if (name.empty() || spec.databases().contains(name)) return;
  report({PathOf(PathOf("apps", app), "database"),
          absl::StrCat("no database ", Quoted(name), " in `databases`",
                       DidYouMean(name, DatabaseNames(spec)))});
}

}  // namespace

void CheckDatabase(const std::string& name, const v1::Database& database, const std::string& path,
                   const Report& report) {
  CheckKey(*v1::Project::descriptor()->FindFieldByName("databases"), name, path, report);
  CheckRules(database, path, report);
  CheckDuration(database.wait().interval(), "interval", Zero::kRefused, PathOf(path, "wait"),
                report);
  const std::string backup = PathOf(path, "backup");
  CheckDuration(database.backup().timeout(), "timeout", Zero::kRefused, backup, report);
  CheckDirectory(database.backup(), backup, report);
  if (database.has_migrate()) CheckMigration(database.migrate(), PathOf(path, "migrate"), report);
}

void CheckDatabases(const v1::EnvironmentSpec& spec, const Report& report) {
  for (const std::string& name : DatabaseNames(spec)) {
    const std::string path = PathOf("databases", name);
    CheckDatabase(name, spec.databases().at(name), path, report);
    CheckMigratingApp(spec, name, PathOf(PathOf(path, "migrate"), "app"), report);
  }
  for (const std::string& app : AppNames(spec)) CheckUse(spec, app, report);
}

void CheckTasks(const v1::App& app, const std::string& path, const Report& report) {
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < app.tasks_size(); ++i) {
    const v1::Task& task = app.tasks(i);
    const std::string entry = PathOf(PathOf(path, "tasks"), i);
    CheckDuration(task.timeout(), "timeout", Zero::kRefused, entry, report);
    CheckProgram(task.command(), "command", entry, report);
    for (int text = 0; text < task.succeed_on_size(); ++text) {
      if (!task.succeed_on(text).empty()) continue;
      report({PathOf(PathOf(entry, "succeed_on"), text),
              "an empty text in `succeed_on` would make every failure a success"});
    }
    if (task.name().empty() || seen.insert(task.name()).second) continue;
    report({PathOf(entry, "name"), absl::StrCat("two tasks are called ", Quoted(task.name()))});
  }
}

}  // namespace davit::spec
