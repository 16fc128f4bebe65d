#include "client/commands/build/deployed_builds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/project/request.h"

namespace davit::commands {
namespace {

// Empty: nobody builds its image.
std::string BuilderOf(const v1::EnvironmentSpec& spec, const std::string& name) {
  std::string at = name;
  // As many steps as there are apps: a circle was refused, but not by this.
  for (int steps = 0; steps <= spec.apps_size(); ++steps) {
    const auto app = spec.apps().find(at);
    if (app == spec.apps().end() || app->second.image() != spec.apps().at(name).image()) return "";
    if (app->second.has_build()) return at;
    at = app->second.extends();
  }
  return "";
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> BuildersOf(
    const v1::DeploymentRequest& request, const std::vector<std::string>& apps_with_image) {
  std::map<std::string, std::string> builders;
  std::string given_instead;  // an app that would be built
  for (const std::string& app : DeployedApps(request)) {
    const auto& given = apps_with_image;
    std::string builder = BuilderOf(request.spec(), app);
    if (builder.empty()) continue;
    if (std::find(given.begin(), given.end(), app) != given.end()) {
      given_instead = app;
    } else {
      builders[app] = std::move(builder);
    }
  }
  if (!builders.empty()) return builders;
  if (!given_instead.empty()) {
    return BadInput(absl::StrCat("--build: there is nothing left to build, --image names the image "
                                 "of ",
                                 given_instead),
                    "leave --build or --image out");
  }
  return BadInput("--build: no app that is deployed has `build`",
                  "say how one is built under apps.NAME.build, or leave --build out");
}

void UseBuilt(const std::map<std::string, std::string>& builders,
              const std::map<std::string, v1::BuiltImage>& built, v1::DeploymentRequest& request) {
  for (const auto& [app, builder] : builders) {
    (*request.mutable_built())[app] = built.at(builder);
    request.mutable_images()->erase(app);
  }
}

}  // namespace davit::commands
