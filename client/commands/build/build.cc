#include <algorithm>
#include <memory>

#include "client/commands/build/image_build.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/output/build_text.h"

namespace davit::commands {
namespace {

struct BuildVerbOptions {
  std::vector<std::string> apps;
  ImageBuildOptions build;
  bool push = false;
  bool no_push = false;
};

Push PushOf(const BuildVerbOptions& options) {
  if (options.no_push) return Push::kNo;
  return options.push ? Push::kYes : Push::kDeclared;
}

// All that have `build`, unless some are named.
std::vector<std::string> AppsOf(const v1::EnvironmentSpec& spec, const BuildVerbOptions& options) {
  if (!options.apps.empty()) return options.apps;
  std::vector<std::string> apps;
  for (const auto& [name, app] : spec.apps()) {
    if (app.has_build()) apps.push_back(name);
  }
  std::sort(apps.begin(), apps.end());
  return apps;
}

int Build(const Invocation& invocation, const BuildVerbOptions& options) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  if (invocation.common.local) NotePlacement(invocation, *spec);
  ImageBuildOptions build = options.build;
  build.push = PushOf(options);
  const std::vector<std::string> apps = AppsOf(*spec, options);
  if (apps.empty()) {
    return invocation.Fail(BadInput("no app of this environment has `build`",
                                    "say how one is built under apps.NAME.build"));
  }
  const auto builds = PrepareBuilds(invocation, *spec, apps, build, /*deployed=*/false);
  if (!builds.ok()) return invocation.Fail(builds.status());
  const auto connection = OpenWithSecrets(invocation, *spec);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::Status built = RunBuilds(
      invocation, **connection, *builds, [&](const std::string& app, const v1::BuiltImage& image) {
        invocation.out << (invocation.common.json ? output::BuiltJson(app, image) + "\n"
                                                  : output::BuiltText(app, image))
                       << std::flush;
      });
  return built.ok() ? kLive : invocation.Fail(built);
}

}  // namespace

void AddBuild(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<BuildVerbOptions>();
  CLI::App* verb = app.add_subcommand(
      "build", "Build images on a host, test them and push them; releases nothing");
  verb->add_option("app", options->apps, "Apps whose images to build; by default all with `build`");
  verb->add_option("--tag", options->build.tag,
                   "Tag of the images; by default the short commit of the git work tree, with "
                   "-dirty when it has changes");
  CLI::Option* push = verb->add_flag("--push", options->push,
                                     "Fail where `build.push` names no registry to push to");
  verb->add_flag("--no-push", options->no_push, "Leave the images on the host that builds")
      ->excludes(push);
  verb->add_option("--host", options->build.host,
                   "Host that builds; by default the environment's first");
  AddFileOptions(*verb, invocation);
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Build(invocation, *options); };
  });
}

}  // namespace davit::commands
