#ifndef DAVIT_CLIENT_COMMANDS_PROJECT_REQUEST_H_
#define DAVIT_CLIENT_COMMANDS_PROJECT_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// What a verb that deploys, or says what deploying would do, is told to release.
struct ReleaseOptions {
  std::vector<std::string> apps;    // empty: all
  std::string tag;                  // of every app that no `images` entry names
  std::vector<std::string> images;  // APP=REF, or REF when there is one app
  std::vector<std::string> adopt;   // APP=CONTAINER, or CONTAINER when there is one app
};

void AddReleaseOptions(CLI::App& verb, ReleaseOptions& options);

// SPEC_INVALID, with the names that there are, when the environment lacks `app`.
absl::Status CheckApp(const v1::EnvironmentSpec& spec, const std::string& app);

// The apps that the request is for: those that it names, or all of its environment.
std::vector<std::string> DeployedApps(const v1::DeploymentRequest& request);

// Checks the options against the environment: SPEC_INVALID for an app that it
// lacks, an image reference that is none, an image or a container without its app,
// two of them for one app, a tag that no app is left for.
absl::StatusOr<v1::DeploymentRequest> MakeDeploymentRequest(const v1::EnvironmentSpec& spec,
                                                            const ReleaseOptions& options);

// The request for the environment that the invocation names, of whoever runs this. In
// local mode for this machine, with a word to the user when that changes something.
absl::StatusOr<v1::DeploymentRequest> ReadRequest(const Invocation& invocation,
                                                  const ReleaseOptions& options);

// In local mode there is one host, this machine. True when `spec` said otherwise.
bool PutOnThisMachine(v1::EnvironmentSpec& spec);
// The same, with a word to the user when that changes something.
void NotePlacement(const Invocation& invocation, v1::EnvironmentSpec& spec);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_PROJECT_REQUEST_H_
