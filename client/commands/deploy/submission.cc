#include "client/commands/deploy/submission.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/databases/database_request.h"
#include "client/commands/deployments/follow.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/invocation/interrupt.h"
#include "client/output/json.h"
#include "common/failure/failure.h"
#include "common/id.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kLockPollInterval = absl::Seconds(1);
constexpr absl::Duration kTick = absl::Milliseconds(100);

using Created = absl::StatusOr<v1::CreateDeploymentResponse>;

// Waits for the next look at the lock. False when the user wants to leave.
bool PauseForLock(const InterruptScope& interrupt) {
  const absl::Time until = absl::Now() + kLockPollInterval;
  while (absl::Now() < until && !interrupt.requested()) absl::SleepFor(kTick);
  return !interrupt.requested();
}

Created Submit(const Invocation& invocation, Connection& connection,
               const v1::DeploymentRequest& deployment, const SubmissionOptions& options,
               const InterruptScope& interrupt) {
  const absl::Status understood = CheckIsUnderstood(connection, deployment);
  if (!understood.ok()) return understood;
  v1::CreateDeploymentRequest request;
  *request.mutable_deployment() = deployment;
  request.set_request_id(NewRandomId());
  const absl::Time deadline = absl::Now() + options.lock_wait;
  bool told = false;
  while (true) {
    const absl::Status wanted = options.still_wanted ? options.still_wanted() : absl::OkStatus();
    if (!wanted.ok()) return wanted;
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

}  // namespace

void AddSubmissionOptions(CLI::App& verb, SubmissionOptions& options) {
  verb.add_flag("--detach", options.detach, "Print the deployment's id and do not watch it");
  AddDurationOption(verb, "--wait-timeout", options.wait_timeout,
                    "Stop watching after this long; the deployment goes on");
  AddDurationOption(verb, "--lock-wait", options.lock_wait,
                    "Wait this long while another deployment holds the lock");
}

int SubmitAndFollow(const Invocation& invocation, Connection& connection,
                    const v1::DeploymentRequest& deployment, const SubmissionOptions& options) {
  const absl::Time watch_deadline = absl::Now() + options.wait_timeout;
  const InterruptScope interrupt;
  const Created created = Submit(invocation, connection, deployment, options, interrupt);
  if (!created.ok()) return invocation.Fail(created.status());
  if (options.detach) return Detach(invocation, *created);
  return FollowToExitCode(invocation, connection, created->deployment().id(), watch_deadline,
                          [&] { return interrupt.requested(); });
}

}  // namespace davit::commands
