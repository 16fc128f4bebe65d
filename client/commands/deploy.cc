#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/connection.h"
#include "client/commands/exit_code.h"
#include "client/commands/follow.h"
#include "client/commands/interrupt.h"
#include "client/commands/project_file.h"
#include "client/commands/request.h"
#include "client/commands/verbs.h"
#include "client/output/json.h"
#include "common/failure/failure.h"
#include "common/id.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kLockPollInterval = absl::Seconds(1);
constexpr absl::Duration kTick = absl::Milliseconds(100);

struct DeployOptions {
  ReleaseOptions release;
  bool detach = false;
  absl::Duration wait_timeout = absl::InfiniteDuration();
  absl::Duration lock_wait = absl::ZeroDuration();
};

using Created = absl::StatusOr<v1::CreateDeploymentResponse>;

// Waits for the next look at the lock. False when the user wants to leave.
bool PauseForLock(const InterruptScope& interrupt) {
  const absl::Time until = absl::Now() + kLockPollInterval;
  while (absl::Now() < until && !interrupt.requested()) absl::SleepFor(kTick);
  return !interrupt.requested();
}

// Submits the request, again and again while the lock is held and may be waited for.
Created Submit(const Invocation& invocation, Connection& connection,
               const v1::DeploymentRequest& deployment, absl::Duration lock_wait,
               const InterruptScope& interrupt) {
  v1::CreateDeploymentRequest request;
  *request.mutable_deployment() = deployment;
  request.set_request_id(NewRandomId());
  const absl::Time deadline = absl::Now() + lock_wait;
  bool told = false;
  while (true) {
    Created created = connection.Call(&Connection::Stub::CreateDeployment, request);
    if (created.ok() || !IsFailure(created.status(), v1::LOCK_HELD)) return created;
    if (absl::Now() >= deadline) return created;
    if (!told && !invocation.common.quiet) {
      invocation.Tell(absl::StrCat("waiting for the lock: ", created.status().message()));
      told = true;
    }
    if (!PauseForLock(interrupt)) return created;
  }
}

int Detach(const Invocation& invocation, const v1::CreateDeploymentResponse& created) {
  if (invocation.common.json) {
    invocation.out << output::ToJsonLine(created) << std::endl;
  } else {
    invocation.out << created.deployment().id() << std::endl;
  }
  return kLive;
}

int Deploy(const Invocation& invocation, const DeployOptions& options) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  if (invocation.common.local) NotePlacement(invocation, *spec);
  absl::StatusOr<v1::DeploymentRequest> request = MakeDeploymentRequest(*spec, options.release);
  if (!request.ok()) return invocation.Fail(request.status());
  request->set_submitted_by(CallerName(invocation));
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::Time watch_deadline = absl::Now() + options.wait_timeout;
  const InterruptScope interrupt;
  const Created created = Submit(invocation, **connection, *request, options.lock_wait, interrupt);
  if (!created.ok()) return invocation.Fail(created.status());
  if (options.detach) return Detach(invocation, *created);
  return FollowToExitCode(invocation, **connection, created->deployment().id(), watch_deadline,
                          [&] { return interrupt.requested(); });
}

}  // namespace

void AddDeploy(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* verb = app.add_subcommand("deploy", "Release apps to an environment and watch it");
  AddReleaseOptions(*verb, options->release);
  AddFileOptions(*verb, invocation);
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->add_flag("--detach", options->detach, "Print the deployment's id and do not watch it");
  AddDurationOption(*verb, "--wait-timeout", options->wait_timeout,
                    "Stop watching after this long; the deployment goes on");
  AddDurationOption(*verb, "--lock-wait", options->lock_wait,
                    "Wait this long while another deployment holds the lock");
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Deploy(invocation, *options); };
  });
}

}  // namespace davit::commands
