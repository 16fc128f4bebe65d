#ifndef DAVIT_CONTROLLER_EXECUTOR_MEMORY_RUN_H_
#define DAVIT_CONTROLLER_EXECUTOR_MEMORY_RUN_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/core/machine/state_machine.h"
#include "controller/executor/commands.h"
#include "controller/executor/secret_source.h"
#include "controller/fleet/fleet.h"

namespace davit::executor {

// A deployment that nobody will hear of, carried out in memory: through the same state
// machine, but nothing is stored or acknowledged, and workers know it by no fence. Whoever
// runs it has a deadline for the whole, so timers are not armed. Used by one thread.
class MemoryRun {
 public:
  // Whether what a state leads to is still asked of the workers.
  using GoesOn = std::function<bool(const core::DeploymentState&)>;

  // The references outlive it.
  MemoryRun(const fleet::Fleet& fleet, SecretSource& secrets, const Clock& clock,
            core::DeploymentState state, GoesOn goes_on);

  const core::DeploymentState& state() const { return state_; }
  // Feeds `input` and asks the workers for what that leads to.
  void Feed(const core::Input& input);
  // What a worker has said; nullopt at `deadline` (by the system's clock).
  std::optional<core::Input> AwaitInput(absl::Time deadline);
  // Asks workers to stop what has not ended.
  void CancelRunning();
  // Hosts on which something runs, sorted, joined by commas.
  std::string BusyHosts() const;

 private:
  // Where the workers' answers wait. Shared with observers, which outlive it.
  struct Mailbox {
    absl::Mutex mutex;
    std::deque<core::Input> inputs ABSL_GUARDED_BY(mutex);
  };

  void Carry(Command command);
  absl::Status Start(RunCommand command);

  const fleet::Fleet& fleet_;
  SecretSource& secrets_;
  const Clock& clock_;
  const GoesOn goes_on_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  core::DeploymentState state_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_MEMORY_RUN_H_
