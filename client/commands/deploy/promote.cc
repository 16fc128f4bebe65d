#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deploy/promotion.h"
#include "client/commands/deploy/submission.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/output/change_text.h"
#include "client/output/settings_difference.h"
#include "client/output/wrap.h"

namespace davit::commands {
namespace {

struct PromoteOptions {
  std::vector<std::string> apps;  // empty: all of the second environment
  std::string from;
  std::string to;
  SubmissionOptions submission;
};

// The two environments, on this machine in local mode.
struct Environments {
  v1::EnvironmentSpec from;
  v1::EnvironmentSpec to;
};

absl::StatusOr<Environments> LoadBoth(const Invocation& invocation, const PromoteOptions& options) {
  if (options.from == options.to) {
    return BadInput("--from and --to name the same environment", "name two");
  }
  absl::StatusOr<v1::EnvironmentSpec> from = LoadEnvironment(invocation, options.from);
  if (!from.ok()) return from.status();
  absl::StatusOr<v1::EnvironmentSpec> to = LoadEnvironment(invocation, options.to);
  if (!to.ok()) return to.status();
  if (invocation.common.local) {
    PutOnThisMachine(*from);
    NotePlacement(invocation, *to);
  }
  return Environments{*std::move(from), *std::move(to)};
}

// What is live in the first environment, for the second one.
absl::StatusOr<v1::DeploymentRequest> RequestFor(Connection& connection,
                                                 const Environments& environments,
                                                 const std::vector<std::string>& apps) {
  absl::StatusOr<v1::DeploymentRequest> request =
      MakeDeploymentRequest(environments.to, {.apps = apps});
  if (!request.ok()) return request;
  v1::GetStatusRequest ask;
  ask.set_project(environments.from.project());
  ask.set_environment(environments.from.environment());
  const absl::StatusOr<v1::GetStatusResponse> status =
      connection.Call(&Connection::Stub::GetStatus, ask);
  if (!status.ok()) return status.status();
  for (const std::string& app : DeployedApps(*request)) {
    const auto release = LiveReleaseOf(*status, app, environments.from.environment());
    if (!release.ok()) return release.status();
    absl::StatusOr<v1::BuiltImage> image =
        PromotedImage(*release, environments.from, environments.to);
    if (!image.ok()) return image.status();
    (*request->mutable_built())[app] = *std::move(image);
  }
  return request;
}

std::vector<v1::Difference> DifferencesOf(const std::string& app, const Environments& environments,
                                          const output::SecretView& secrets) {
  const v1::App& to = environments.to.apps().at(app);
  const auto found = environments.from.apps().find(app);
  const v1::App& from = found == environments.from.apps().end() ? to : found->second;
  std::vector<v1::Difference> differences = output::SettingsDifferences(from, to);
  for (v1::Difference& difference : output::SecretDifferences(from, to, secrets)) {
    differences.push_back(std::move(difference));
  }
  return differences;
}

// For each app the image that it gets, and which settings it meets there.
void TellDifferences(const Invocation& invocation, Connection& connection,
                     const Environments& environments, const v1::DeploymentRequest& request) {
  output::SecretView secrets{.from = environments.from.environment(),
                             .to = environments.to.environment()};
  v1::ListSecretsRequest ask;
  ask.set_project(request.spec().project());
  auto known = connection.Call(&Connection::SecretStub::ListSecrets, ask);
  if (!known.ok()) {
    invocation.Tell(absl::StrCat("secrets are not compared: ", known.status().message()));
  } else {
    secrets.secrets = *std::move(known);
  }
  const auto tell = [&](absl::string_view indent, const std::string& line) {
    invocation.err << output::HangText(indent, line, invocation.err_width) << std::flush;
  };
  for (const std::string& app : DeployedApps(request)) {
    tell("", absl::StrCat(app, ": ", request.built().at(app).reference(), ", live in ",
                          secrets.from, ", goes to ", secrets.to));
    const std::vector<v1::Difference> differences = DifferencesOf(app, environments, secrets);
    tell("  ", differences.empty()
                   ? "its settings are the same in both"
                   : absl::StrCat("what differs, ", secrets.from, " -> ", secrets.to, ":"));
    for (const v1::Difference& difference : differences) {
      tell("    ", output::DifferenceLine(difference));
    }
  }
}

int Promote(const Invocation& invocation, const PromoteOptions& options) {
  const absl::StatusOr<Environments> environments = LoadBoth(invocation, options);
  if (!environments.ok()) return invocation.Fail(environments.status());
  const auto connection = OpenWithSecrets(invocation, environments->to);
  if (!connection.ok()) return invocation.Fail(connection.status());
  absl::StatusOr<v1::DeploymentRequest> request =
      RequestFor(**connection, *environments, options.apps);
  if (!request.ok()) return invocation.Fail(request.status());
  request->set_submitted_by(CallerName(invocation));
  if (!invocation.common.quiet) {
    TellDifferences(invocation, **connection, *environments, *request);
  }
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

}  // namespace

void AddPromote(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<PromoteOptions>();
  CLI::App* verb =
      app.add_subcommand("promote", "Deploy to an environment exactly what is live in another one");
  verb->add_option("app", options->apps, "Apps to promote; by default all of the environment");
  verb->add_option("--from", options->from, "The environment that it is live in")->required();
  verb->add_option("--to", options->to, "The environment that gets it")->required();
  AddProjectFileOption(*verb, invocation);
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  AddSubmissionOptions(*verb, options->submission);
  verb->callback([options, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [options, &invocation] { return Promote(invocation, *options); };
  });
}

}  // namespace davit::commands
