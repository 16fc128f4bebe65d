#ifndef DAVIT_CLIENT_COMMANDS_DEPLOY_SUBMISSION_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOY_SUBMISSION_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// How a deployment is submitted and watched: the options that all verbs that make one have.
struct SubmissionOptions {
  bool detach = false;
  absl::Duration wait_timeout = absl::InfiniteDuration();  // of the watching
  absl::Duration lock_wait = absl::ZeroDuration();
  // Asked each time before it is submitted: it may not be what is wanted any more after what
  // another deployment has done meanwhile. Absent: it always is.
  std::function<absl::Status()> still_wanted;
};

void AddSubmissionOptions(CLI::App& verb, SubmissionOptions& options);

// Submits the deployment, again and again while the lock is held and may be waited
// for and it is still wanted, and watches it to its end. Returns the exit code; errors are shown.
int SubmitAndFollow(const Invocation& invocation, Connection& connection,
                    const v1::DeploymentRequest& deployment, const SubmissionOptions& options);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOY_SUBMISSION_H_
