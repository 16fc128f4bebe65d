#include <memory>

#include "client/commands/connection.h"
#include "client/commands/request.h"
#include "client/commands/submission.h"
#include "client/commands/verbs.h"

namespace davit::commands {
namespace {

struct DeployOptions {
  ReleaseOptions release;
  SubmissionOptions submission;
};

int Deploy(const Invocation& invocation, const DeployOptions& options) {
  const absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, options.release);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

}  // namespace

void AddDeploy(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* verb = app.add_subcommand("deploy", "Release apps to an environment and watch it");
  AddReleaseOptions(*verb, options->release);
  AddFileOptions(*verb, invocation);
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  AddSubmissionOptions(*verb, options->submission);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Deploy(invocation, *options); };
  });
}

}  // namespace davit::commands
