#include "worker/steps/database/migration/wanted.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "worker/database/migration/wanted_object.h"
#include "worker/steps/container/inputs.h"
#include "worker/steps/one_off/container.h"
#include "worker/steps/one_off/record.h"

namespace davit::steps {
namespace {

using database::MigrationFailure;
using database::MigrationFailureKind;

constexpr absl::Duration kSqlPatience = absl::Seconds(30);
constexpr absl::Duration kTryPatience = absl::Seconds(20);

bool IsManagement(absl::string_view program) {
  return absl::EndsWith(program, "manage.py") || program == "django" ||
         absl::EndsWith(program, "django-admin");
}

// Those that say which project and database it is.
bool IsKept(absl::string_view option) {
  return absl::StartsWith(option, "--settings=") || absl::StartsWith(option, "--pythonpath=") ||
         absl::StartsWith(option, "--database=");
}

bool CanBeCompared(MigrationFailureKind kind) {
  return kind == MigrationFailureKind::kDuplicateTable ||
         kind == MigrationFailureKind::kDuplicateColumn ||
         kind == MigrationFailureKind::kDuplicateIndex ||
         kind == MigrationFailureKind::kDuplicateConstraint;
}

}  // namespace

std::vector<std::string> SqlMigrateCommand(const std::vector<std::string>& migrate,
                                           const std::string& migration) {
  const auto word = std::find(migrate.begin(), migrate.end(), "migrate");
  const std::vector<std::string> name = absl::StrSplit(migration, absl::MaxSplits('.', 1));
  if (word == migrate.begin() || word == migrate.end() || name.size() != 2) return {};
  if (!IsManagement(*(word - 1))) return {};
  std::vector<std::string> command(migrate.begin(), word);
  command.insert(command.end(), {"sqlmigrate", name[0], name[1]});
  std::copy_if(word, migrate.end(), std::back_inserter(command), IsKept);
  return command;
}

std::string WantedLookup::SqlOfDjango(const MigrationFailure& failure) const {
  const auto& words = one_off_.container().command();
  const auto command = SqlMigrateCommand({words.begin(), words.end()}, failure.migration);
  if (command.empty()) return "";
  auto container = WithInputs(one_off_.container(), context_.secrets, environment_.state_directory);
  if (!container.ok()) return "";
  container->set_service_name("sqlmigrate");
  container->clear_ports();
  container->set_log_driver("json-file");
  container->clear_log_options();
  *container->mutable_command() = {command.begin(), command.end()};
  const std::string reader = absl::StrCat(OneOffName(context_.key), "-sql");
  const Call call = AnotherCall(kSqlPatience);
  // What a worker that was killed here has left.
  environment_.engine->RemoveLeftReaders(reader, call).IgnoreError();
  const auto run = environment_.engine->RunThrowaway(*container, reader, call);
  return run.ok() && run->exit_code == 0 ? run->output : "";
}

void WantedLookup::LookUp(absl::string_view output, const std::string& schema,
                          FailedMigration& failed) const {
  const MigrationFailure& failure = *failed.recognized;
  if (!CanBeCompared(failure.kind) || failure.object.empty()) return;
  const std::string script =
      failure.framework == database::MigrationFramework::kDjango ? SqlOfDjango(failure) : "";
  auto wanted = database::FindWanted(output, failure);
  if (!wanted.has_value()) wanted = database::FindWanted(script, failure);
  if (!wanted.has_value() && script.empty()) return;
  const Call call = AnotherCall(kTryPatience);
  const auto connection = database_.Open({}, call);
  if (!connection.ok()) return;
  if (wanted.has_value()) {
    auto made = database::TryWanted(**connection, *wanted, schema, call);
    if (made.ok()) failed.wanted = *std::move(made);
  }
  if (script.empty()) return;
  failed.rest = database::LookUpRest(**connection, script, failure, failed.after, schema, call);
}

}  // namespace davit::steps
