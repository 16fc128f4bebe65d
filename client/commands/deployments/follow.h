#ifndef DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_FOLLOW_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_FOLLOW_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/commands/connection/connection.h"
#include "client/output/deployment_model.h"
#include "client/output/reporter.h"

namespace davit::commands {

struct FollowOptions {
  std::string id;
  absl::Time deadline = absl::InfiniteFuture();   // of the watching, not of the deployment
  absl::Duration patience = absl::Seconds(60);    // without any answer of the controller
  absl::Duration tick = absl::Milliseconds(100);  // between looks at everything else
  std::function<bool()> interrupted;              // a user wants to leave
  // Whether the commands that failures advise get the options that lead to this controller.
  bool complete_commands = true;
};

enum class FollowEnd {
  kEnded,        // the deployment has
  kInterrupted,  // a user left; the deployment goes on
  kTimedOut,     // the deadline came; the deployment goes on
  kLost,         // the controller refused, or did not answer for too long
};

struct FollowResult {
  FollowEnd end = FollowEnd::kEnded;
  absl::Status error;  // of kLost
};

// Watches a deployment until its end and tells `reporter`, each event once. A
// broken stream is taken up again where it broke.
FollowResult Follow(Connection& connection, output::Reporter& reporter,
                    output::DeploymentModel& model, const FollowOptions& options);

// Follow with the reporter that suits the invocation, its messages for whoever
// leaves early, and the exit code.
int FollowToExitCode(const Invocation& invocation, Connection& connection, const std::string& id,
                     absl::Time deadline, const std::function<bool()>& interrupted);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOYMENTS_FOLLOW_H_
