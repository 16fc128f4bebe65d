#ifndef DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_DEPLOYMENT_ID_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_DEPLOYMENT_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/commands/connection/connection.h"
#include "davit/v1/deployment.pb.h"

namespace davit::commands {

// The deployment whose id is, or alone begins with, `text`; with an empty text
// the newest one of the environment that the options name. NOT_FOUND.
absl::StatusOr<v1::Deployment> FindDeployment(const Invocation& invocation, Connection& connection,
                                              const std::string& text);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_DEPLOYMENT_ID_H_
