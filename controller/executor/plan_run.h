#ifndef DAVIT_CONTROLLER_EXECUTOR_PLAN_RUN_H_
#define DAVIT_CONTROLLER_EXECUTOR_PLAN_RUN_H_

#include <deque>
#include <memory>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/core/state_machine.h"
#include "controller/executor/commands.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"

namespace davit::executor {

// Runs the survey of a deployment that nobody will hear of, in memory, until it
// is planned: through the same state machine, but nothing is stored or
// acknowledged and no step of the plan is run. Used once, by one thread.
class PlanRun {
 public:
  // All outlive it.
  PlanRun(const fleet::Fleet& fleet, SecretSource& secrets, const Clock& clock)
      : fleet_(fleet), secrets_(secrets), clock_(clock) {}

  // The deployment as it would be, or why it cannot be. HOST_UNREACHABLE, with
  // the hosts that have not answered, at `deadline` (by the system's clock).
  absl::StatusOr<v1::Deployment> Run(core::DeploymentState state, absl::Time deadline);

 private:
  // Where the workers' answers wait. Shared with observers, which outlive it.
  struct Mailbox {
    absl::Mutex mutex;
    std::deque<core::Input> inputs ABSL_GUARDED_BY(mutex);
  };

  // Feeds `input` and asks the workers for what that leads to.
  void Feed(const core::Input& input);
  absl::Status Start(RunCommand command);
  absl::StatusOr<core::Input> AwaitInput(absl::Time deadline);
  bool Surveying() const;
  // Asks workers to stop what has not ended.
  void CancelRunning();
  absl::Status NoAnswer() const;
  v1::Deployment View() const;

  const fleet::Fleet& fleet_;
  SecretSource& secrets_;
  const Clock& clock_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  core::DeploymentState state_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_PLAN_RUN_H_
