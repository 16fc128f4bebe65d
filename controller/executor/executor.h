#ifndef DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_H_
#define DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/executor/journal_hub.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::executor {

struct ExecutorOptions {
  int queue_capacity = 4096;  // inputs that wait; a full queue holds up streams, never a cancel
  int batch = 256;            // most inputs in one commit

  // A commit that fails is tried so often, with a pause that doubles each time.
  // Then callers are told, and what the workers said is asked for again later.
  int commit_attempts = 5;
  absl::Duration commit_pause = absl::Milliseconds(100);
  absl::Duration reattach_after = absl::Seconds(10);
  // Longest time that Create and Cancel wait for their commit.
  absl::Duration patience = absl::Seconds(30);
  // Longest time that a new deployment or plan waits for hosts that are being connected.
  absl::Duration host_patience = absl::Seconds(5);
};

// Carries deployments out: takes inputs off a bounded queue, asks core what they
// lead to, commits, and only then carries the effects out and tells the hub.
// Two threads of its own (commits; timers), whatever the number of hosts.
class Executor {
 public:
  // All arguments outlive the executor.
  Executor(store::Store& store, const fleet::Fleet& fleet, SecretSource& secrets,
           const Clock& clock, JournalHub& hub, const ExecutorOptions& options);
  ~Executor();  // stops

  // Feeds Restarted to every unfinished deployment, then works until Stop.
  absl::Status Start();
  // Ends the threads. What was committed goes on after the next Start.
  void Stop();

  // Creates a deployment and returns it once it is on disk. The same request id
  // again returns the deployment of the first time. LOCK_HELD, HOST_UNKNOWN,
  // SPEC_INVALID, SECRET_MISSING and FILE_FORMAT, with all that are, change nothing; nor does
  // what Fleet::CheckReady says of hosts that are away or refuse.
  absl::StatusOr<v1::Deployment> Create(const v1::CreateDeploymentRequest& request);
  // Asks for a cancellation and returns once that is on disk. NOT_FOUND;
  // WRONG_STATE when it has ended.
  absl::StatusOr<v1::Deployment> Cancel(absl::string_view deployment_id, absl::string_view by);
  // The deployment as it would be, planned against the hosts now, without lock,
  // record or change. Blocks until `deadline` at most. Hosts as with Create.
  absl::StatusOr<v1::PlanDeploymentResponse> Plan(const v1::DeploymentRequest& request,
                                                  absl::Time deadline);
  // What would stop a deployment, all of it, hosts that are away and secrets that are not
  // set included, and what would not; see RunCheck. Blocks until `deadline`, or some time longer to
  // remove what it has written. SPEC_INVALID.
  absl::StatusOr<v1::CheckDeploymentResponse> Check(const v1::DeploymentRequest& request,
                                                    absl::Time deadline,
                                                    absl::FunctionRef<bool()> client_gone);

  // Looks at once which timers have run out: for clocks that are moved by hand.
  void CheckTimers();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_H_
