#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/commands/build/deployed_builds.h"
#include "client/commands/build/image_build.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deploy/plan_call.h"
#include "client/commands/deploy/submission.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

struct DeployOptions {
  ReleaseOptions release;
  SubmissionOptions submission;
  bool build = false;
};

int Deploy(const Invocation& invocation, const DeployOptions& options) {
  const absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, options.release);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = OpenWithSecrets(invocation, request->spec());
  if (!connection.ok()) return invocation.Fail(connection.status());
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

// The apps that `--image` names one for.
std::vector<std::string> WithImage(const v1::EnvironmentSpec& spec, ReleaseOptions release) {
  release.tag.clear();
  const auto request = MakeDeploymentRequest(spec, release);
  std::vector<std::string> apps;
  if (!request.ok()) return apps;
  for (const auto& [app, image] : request->images()) apps.push_back(app);
  return apps;
}

// What would be refused after the build all the same, be it long. That there is no such image
// yet, and what else a plan may find, is not for now to say.
absl::Status CheckBeforeBuild(const Invocation& invocation, Connection& connection,
                              const v1::DeploymentRequest& request) {
  v1::PlanDeploymentRequest ask;
  *ask.mutable_deployment() = request;
  const absl::Status foreseen = AskForPlan(invocation, connection, ask).status();
  for (const v1::FailureCode code : {v1::SECRET_MISSING, v1::FILE_FORMAT, v1::HOST_UNREACHABLE}) {
    if (IsFailure(foreseen, code)) return foreseen;
  }
  return absl::OkStatus();
}

// Builds first: without the lock, and with no trace of a deployment when it fails.
int BuildAndDeploy(const Invocation& invocation, const DeployOptions& options) {
  absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, options.release);
  if (!request.ok()) return invocation.Fail(request.status());
  const v1::EnvironmentSpec& spec = request->spec();
  const auto builders = BuildersOf(*request, WithImage(spec, options.release));
  if (!builders.ok()) return invocation.Fail(builders.status());
  std::set<std::string> apps;
  for (const auto& [app, builder] : *builders) apps.insert(builder);
  const auto builds = PrepareBuilds(invocation, spec, {apps.begin(), apps.end()},
                                    {.tag = options.release.tag}, /*deployed=*/true);
  if (!builds.ok()) return invocation.Fail(builds.status());
  const auto connection = OpenWithSecrets(invocation, spec);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::Status ready = CheckBeforeBuild(invocation, **connection, *request);
  if (!ready.ok()) return invocation.Fail(ready);
  std::map<std::string, v1::BuiltImage> built;
  const absl::Status status =
      RunBuilds(invocation, **connection, *builds,
                [&](const std::string& app, const v1::BuiltImage& image) { built[app] = image; });
  if (!status.ok()) return invocation.Fail(status);
  UseBuilt(*builders, built, *request);
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

}  // namespace

void AddDeploy(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* verb = app.add_subcommand("deploy", "Release apps to an environment and watch it");
  AddReleaseOptions(*verb, options->release);
  verb->add_flag("--build", options->build,
                 "Build the images of the apps that have `build` first, and release exactly these; "
                 "--tag is their tag then, by default the commit");
  AddCommonOptions(*verb, invocation);
  AddSubmissionOptions(*verb, options->submission);
  verb->callback([options, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [options, &invocation] {
      return options->build ? BuildAndDeploy(invocation, *options) : Deploy(invocation, *options);
    };
  });
}

}  // namespace davit::commands
