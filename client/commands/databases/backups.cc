#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/databases/database_request.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"
#include "client/output/backup_text.h"
#include "client/output/json.h"

namespace davit::commands {
namespace {

int Backups(const Invocation& invocation) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  if (absl::Status none = CheckHasDatabases(*spec); !none.ok()) return invocation.Fail(none);
  if (invocation.common.local) NotePlacement(invocation, *spec);
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const auto backups = AskForBackups(**connection, *spec);
  if (!backups.ok()) return invocation.Fail(backups.status());
  const std::string options =
      absl::StrCat(" -e ", spec->environment(), invocation.ConnectionOptions());
  invocation.out << (invocation.common.json
                         ? output::ToJsonListText(*backups)
                         : output::BackupListText(*backups, options, absl::Now(),
                                                  absl::LocalTimeZone(), invocation.out_width))
                 << std::flush;
  return kLive;
}

}  // namespace

void AddBackups(CLI::App& app, Invocation& invocation) {
  CLI::App* verb =
      app.add_subcommand("backups", "The backups of an environment's databases, newest first");
  AddCommonOptions(*verb, invocation);
  verb->callback([&invocation] { invocation.run = [&invocation] { return Backups(invocation); }; });
}

}  // namespace davit::commands
