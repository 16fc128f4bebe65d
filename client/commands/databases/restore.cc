#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/databases/database_request.h"
#include "client/commands/deploy/plan_call.h"
#include "client/commands/deploy/submission.h"
#include "client/commands/invocation/confirmation.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/output/backup_text.h"
#include "client/output/plan_text.h"
#include "common/failure/failure.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

struct RestoreOptions {
  std::string database;
  std::string file;  // or its path on the host
  bool yes = false;
  SubmissionOptions submission;
};

absl::StatusOr<v1::DeploymentRequest> RestoreRequestFor(const Invocation& invocation,
                                                        const RestoreOptions& options) {
  absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, {});
  if (!request.ok()) return request;
  if (absl::Status status = CheckDatabase(request->spec(), options.database); !status.ok()) {
    return status;
  }
  request->mutable_restore()->set_database(options.database);
  return request;
}

absl::Status NoSuchBackup(const RestoreOptions& options, const v1::EnvironmentSpec& spec,
                          const std::vector<std::string>& files) {
  v1::Failure failure = MakeFailure(
      v1::NOT_FOUND, absl::StrCat("there is no backup ", options.file, " of database ",
                                  options.database, spec::DidYouMean(options.file, files)));
  failure.set_likely_cause("the name is another, or the file is no more there");
  failure.set_next_command(
      absl::StrCat("see which there are with `davit backups -e ", spec.environment(), "`"));
  return FailureStatus(failure);
}

absl::string_view WithoutSlashes(absl::string_view directory) {
  while (absl::ConsumeSuffix(&directory, "/")) {
  }
  return directory;
}

// Or of one that nobody knows, and in the directory where the worker looks for it.
bool IsOfDatabase(const v1::Backup& backup, const RestoreOptions& options,
                  const v1::EnvironmentSpec& spec) {
  if (!backup.database().empty() && backup.database() != options.database) return false;
  const absl::string_view path = backup.path();
  return WithoutSlashes(path.substr(0, path.rfind('/') + 1)) ==
         WithoutSlashes(spec.databases().at(options.database).backup().directory());
}

// Whether it is the one that the options name.
bool IsNamed(const v1::Backup& backup, const RestoreOptions& options,
             const v1::EnvironmentSpec& spec) {
  if (!IsOfDatabase(backup, options, spec)) return false;
  return options.file == output::BackupFile(backup) || options.file == backup.path();
}

absl::Status CannotBeRestored(const RestoreOptions& options, const v1::UnusableBackup& unusable,
                              const v1::EnvironmentSpec& spec) {
  v1::Failure failure =
      MakeFailure(v1::RESTORE_FAILED,
                  absl::StrCat("backup ", output::BackupFile(unusable.backup()), " of database ",
                               options.database, " cannot be restored: ", unusable.reason()),
                  {absl::StrCat(unusable.backup().path(), " on ", unusable.backup().host())});
  failure.set_likely_cause("somebody has touched the backups' directory, or its disk is damaged");
  failure.set_next_command(
      absl::StrCat("see which ones can be, with `davit backups -e ", spec.environment(), "`"));
  return FailureStatus(failure);
}

// The backup that the options name, of the database or of one that no record knows.
absl::StatusOr<v1::Backup> FindBackup(Connection& connection, const RestoreOptions& options,
                                      const v1::EnvironmentSpec& spec) {
  const auto backups = AskForBackups(connection, spec);
  if (!backups.ok()) return backups.status();
  std::vector<std::string> files;
  for (const v1::Backup& backup : backups->backups()) {
    if (IsNamed(backup, options, spec)) return backup;
    if (IsOfDatabase(backup, options, spec)) files.push_back(output::BackupFile(backup));
  }
  for (const v1::UnusableBackup& unusable : backups->unusable()) {
    if (IsNamed(unusable.backup(), options, spec)) return CannotBeRestored(options, unusable, spec);
  }
  return NoSuchBackup(options, spec, files);
}

// Shows what would be done and lost.
absl::StatusOr<v1::PlanDeploymentResponse> ShowRestore(const Invocation& invocation,
                                                       Connection& connection,
                                                       const RestoreOptions& options,
                                                       const v1::Backup& backup,
                                                       const v1::DeploymentRequest& request) {
  v1::PlanDeploymentRequest ask;
  *ask.mutable_deployment() = request;
  auto plan = AskForPlan(invocation, connection, ask);
  if (!plan.ok()) return plan;
  invocation.err << output::PlanText(*plan, request.spec(), invocation.err_width) << "\n"
                 << output::RestoreText(backup, options.database, absl::Now(),
                                        absl::LocalTimeZone(), invocation.err_width)
                 << std::flush;
  return plan;
}

// The database's name has to be typed.
absl::Status ConfirmRestore(const Invocation& invocation, const v1::DeploymentRequest& request) {
  const std::string& database = request.restore().database();
  return ConfirmByName(invocation,
                       absl::StrCat("Put it in the place of database ", database, " of ",
                                    request.spec().environment(), "?"),
                       database);
}

int Restore(const Invocation& invocation, const RestoreOptions& options) {
  absl::StatusOr<v1::DeploymentRequest> request = RestoreRequestFor(invocation, options);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = OpenWithSecrets(invocation, request->spec());
  if (!connection.ok()) return invocation.Fail(connection.status());
  const auto backup = FindBackup(**connection, options, request->spec());
  if (!backup.ok()) return invocation.Fail(backup.status());
  request->mutable_restore()->set_file(output::BackupFile(*backup));
  const bool silent = invocation.common.quiet || invocation.common.json;
  if (!options.yes || !silent) {
    const auto plan = ShowRestore(invocation, **connection, options, *backup, *request);
    if (!plan.ok()) return invocation.Fail(plan.status());
    // Who cannot confirm has seen what it would do.
    if (!options.yes && !CanAsk(invocation)) return FailUnconfirmed(invocation, "a restore", *plan);
  }
  if (!options.yes) {
    const absl::Status confirmed = ConfirmRestore(invocation, *request);
    if (!confirmed.ok()) return invocation.Fail(confirmed);
  }
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

}  // namespace

void AddRestore(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* verb = app.add_subcommand(
      "restore",
      "Put a backup in a database's place; the apps that use it are down while it is put there");
  verb->add_option("database", options->database, "The database by its name in davit.yaml")
      ->required();
  verb->add_option("backup", options->file, "The backup's file, as `davit backups` names it")
      ->required();
  verb->add_flag("-y,--yes", options->yes,
                 "Do not ask; without it and without a terminal, only the plan is shown");
  AddCommonOptions(*verb, invocation);
  AddSubmissionOptions(*verb, options->submission);
  verb->callback([options, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [options, &invocation] { return Restore(invocation, *options); };
  });
}

}  // namespace davit::commands
