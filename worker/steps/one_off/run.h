#ifndef DAVIT_WORKER_STEPS_ONE_OFF_RUN_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_RUN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/steps/one_off/container.h"
#include "worker/steps/one_off/output.h"
#include "worker/steps/registry.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// One run of a one-off: its container, its output, and what its end means. A container
// that went on without its worker is taken up where it is.
class OneOffRun {
 public:
  // `start_patience`: as OneOffContainer's. What is given by reference outlives this.
  OneOffRun(const RunnerEnvironment& environment, absl::Duration start_patience,
            const worker::v1::RunOneOff& one_off, const StepContext& context,
            StepReporter& reporter);

  // Called when the container is there, and the command has certainly never run; an
  // error keeps it from running.
  void BeforeStart(std::function<absl::Status()> prepare) { prepare_ = std::move(prepare); }

  // To the command's end; one that is told to stop is killed. Errors as of a step.
  absl::StatusOr<worker::v1::StepOutputs> Run();

  // Of the container; empty before there is one.
  const std::string& container_id() const { return container_.id(); }
  // As it was seen last, with what is known of it.
  const OneOffContainer& container() const { return container_; }

 private:
  void SetCommandDeadline();
  absl::Status AwaitEnd();
  absl::Status Finish(OneOffOutput& output) const;
  absl::StatusOr<worker::v1::StepOutputs> Result(const absl::Status& stopped) const;
  absl::StatusOr<worker::v1::StepOutputs> AfterFailure(const docker::ContainerDetails& ended) const;
  worker::v1::StepOutputs Success() const;

  docker::Engine* const engine_;
  const worker::v1::RunOneOff& one_off_;
  const StepContext& context_;
  StepReporter& reporter_;
  OneOffContainer container_;
  std::function<absl::Status()> prepare_;
  absl::Duration limit_ = absl::InfiniteDuration();
  absl::Time deadline_ = absl::InfiniteFuture();  // of the command, by the steady clock
  bool removed_ = false;                          // by somebody else
};

// Reports the output again that comes after context.after_log, where it is still kept.
absl::Status ReplayOneOff(docker::Engine& engine, const StepContext& context,
                          StepReporter& reporter);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_RUN_H_
