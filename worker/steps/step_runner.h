#ifndef DAVIT_WORKER_STEPS_STEP_RUNNER_H_
#define DAVIT_WORKER_STEPS_STEP_RUNNER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "davit/v1/deployment.pb.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::steps {

// Where a running step says what it is doing. Thread-safe.
class StepReporter {
 public:
  virtual ~StepReporter() = default;
  // `progress.step_id` is filled in. Throttled: call it as often as you like.
  virtual void Progress(v1::StepProgress progress) = 0;
  virtual void Log(v1::StepLog log) = 0;
  // Output follows of a container that was given these secrets, by SecretKey(). It is
  // not shown where the value of one is unknown, and cannot be masked.
  virtual void ShowsOutputWith(const std::vector<std::string>& /*secrets*/) {}
};

// What a runner may know of its step beyond the spec.
struct StepContext {
  worker::v1::StepKey key;
  Call call;  // deadline and cancellation of the step
  // Values by SecretKey(); never stored or reported.
  std::map<std::string, std::string> secrets;
  v1::LogPosition after_log;  // log that the controller has already
  // The worker has restarted while this step ran. What it has done is unknown:
  // the runner looks, goes on where that is certain, and says STEP_UNKNOWN
  // where it is not. It never repeats what cannot be repeated.
  bool resumed = false;
  // Whether `call` is cancelled only because the worker ends: what goes on without it
  // is left alone then, for the next worker to take up again. Empty: it is not.
  std::function<bool()> worker_ends;
};

// Runs the steps of one kind. One object for all steps of its kind; Run is
// called from many threads. Errors carry a Failure. A step is stopped by
// context.call alone and then returns CANCELLED or STEP_TIMEOUT.
class StepRunner {
 public:
  virtual ~StepRunner() = default;
  virtual absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                                      const StepContext& context,
                                                      StepReporter& reporter) = 0;
  // Reports the output again that comes after context.after_log, of a step that has
  // ended under an earlier worker. For kinds whose output is kept until then.
  virtual absl::Status Replay(const worker::v1::StepSpec& /*spec*/, const StepContext& /*context*/,
                              StepReporter& /*reporter*/) {
    return absl::OkStatus();
  }
};

// A runner for each member of StepSpec.kind.
using Runners = std::map<worker::v1::StepSpec::KindCase, std::unique_ptr<StepRunner>>;

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_STEP_RUNNER_H_
