#include <memory>
#include <string>
#include <vector>

#include "client/commands/command_line/verbs.h"
#include "client/commands/databases/database_request.h"
#include "client/commands/deploy/submission.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"

namespace davit::commands {
namespace {

struct BackupOptions {
  std::vector<std::string> databases;  // empty: all
  SubmissionOptions submission;
};

absl::StatusOr<v1::DeploymentRequest> BackupRequestFor(const Invocation& invocation,
                                                       const BackupOptions& options) {
  absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, {});
  if (!request.ok()) return request;
  if (absl::Status none = CheckHasDatabases(request->spec()); !none.ok()) return none;
  request->mutable_backup();
  for (const std::string& name : options.databases) {
    if (absl::Status status = CheckDatabase(request->spec(), name); !status.ok()) return status;
    request->mutable_backup()->add_databases(name);
  }
  return request;
}

int BackUp(const Invocation& invocation, const BackupOptions& options) {
  const auto request = BackupRequestFor(invocation, options);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = OpenWithSecrets(invocation, request->spec());
  if (!connection.ok()) return invocation.Fail(connection.status());
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

}  // namespace

void AddBackup(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* verb = app.add_subcommand(
      "backup", "Make a verified backup of databases, on the host that migrates them");
  verb->add_option("database", options->databases,
                   "Databases by their names in davit.yaml; by default all that an app uses");
  AddCommonOptions(*verb, invocation);
  AddSubmissionOptions(*verb, options->submission);
  verb->callback([options, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [options, &invocation] { return BackUp(invocation, *options); };
  });
}

}  // namespace davit::commands
