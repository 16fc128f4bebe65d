#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deployments/deployment_id.h"
#include "client/commands/deployments/follow.h"
#include "client/commands/invocation/interrupt.h"

namespace davit::commands {
namespace {

struct WatchOptions {
  std::string id;
  absl::Duration wait_timeout = absl::InfiniteDuration();
};

int RunWatch(const Invocation& invocation, const WatchOptions& options) {
  const absl::Time deadline = absl::Now() + options.wait_timeout;
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::StatusOr<v1::Deployment> deployment =
      FindDeployment(invocation, **connection, options.id);
  if (!deployment.ok()) return invocation.Fail(deployment.status());
  const InterruptScope interrupt;
  return FollowToExitCode(invocation, **connection, deployment->id(), deadline,
                          [&] { return interrupt.requested(); });
}

}  // namespace

void AddWatch(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* verb = app.add_subcommand("watch", "Follow a deployment to its end");
  verb->add_option("deployment", options->id,
                   "Its id or the beginning of it; by default the newest");
  AddCommonOptions(*verb, invocation);
  AddDurationOption(*verb, "--wait-timeout", options->wait_timeout,
                    "Stop watching after this long; the deployment goes on");
  verb->callback([options, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [options, &invocation] { return RunWatch(invocation, *options); };
  });
}

}  // namespace davit::commands
