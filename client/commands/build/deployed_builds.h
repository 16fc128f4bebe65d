#ifndef DAVIT_CLIENT_COMMANDS_BUILD_DEPLOYED_BUILDS_H_
#define DAVIT_CLIENT_COMMANDS_BUILD_DEPLOYED_BUILDS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "client/commands/build/image_build.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// For each app that `deploy --build` gives a built image: whose `build` makes it. That is
// the app's own, or that of the app that it extends and has the image from. An app for
// which `--image` names one is left alone. SPEC_INVALID when there is nothing to build.
absl::StatusOr<std::map<std::string, std::string>> BuildersOf(
    const v1::DeploymentRequest& request, const std::vector<std::string>& apps_with_image);

// Gives the apps exactly what was built, whatever the tags mean by now.
void UseBuilt(const std::map<std::string, std::string>& builders,
              const std::map<std::string, v1::BuiltImage>& built, v1::DeploymentRequest& request);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_BUILD_DEPLOYED_BUILDS_H_
