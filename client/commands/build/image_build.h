#ifndef DAVIT_CLIENT_COMMANDS_BUILD_IMAGE_BUILD_H_
#define DAVIT_CLIENT_COMMANDS_BUILD_IMAGE_BUILD_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/build/build_context.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/build_service.pb.h"

namespace davit::commands {

// Where built images go, besides the host that builds.
enum class Push {
  kDeclared,  // to the registries of `build.push`, if there are any
  kYes,       // the same, and there must be some
  kNo,
};

// How images are built.
struct ImageBuildOptions {
  std::string tag;  // empty: the commit of the git work tree that davit.yaml lies in
  Push push = Push::kDeclared;
  std::string host;  // that builds; empty: the environment's first
};

// One image that is to be built.
struct ImageBuild {
  v1::BuildHeader header;
  build::BuildContext context;
};

// Everything that can be said before a build begins, for all apps at once: SPEC_INVALID
// for an app without `build`, a context or Dockerfile that is not there, no tag, no
// registry where one is wanted, and for an image that would be on one host of several
// alone: where that was not asked for, or is to be `deployed`.
absl::StatusOr<std::vector<ImageBuild>> PrepareBuilds(const Invocation& invocation,
                                                      const v1::EnvironmentSpec& spec,
                                                      const std::vector<std::string>& apps,
                                                      const ImageBuildOptions& options,
                                                      bool deployed);

// Builds and shows it, one after the other, and tells `done` of each. The first failure
// ends it; Ctrl-C ends the build that runs, with CANCELLED_BY_USER.
absl::Status RunBuilds(
    const Invocation& invocation, Connection& connection, const std::vector<ImageBuild>& builds,
    absl::FunctionRef<void(const std::string& app, const v1::BuiltImage& image)> done);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_BUILD_IMAGE_BUILD_H_
