#ifndef DAVIT_WORKER_SERVICE_STEP_EXECUTION_H_
#define DAVIT_WORKER_SERVICE_STEP_EXECUTION_H_

#include "absl/status/statusor.h"
#include "common/call.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/service/journal.h"
#include "worker/service/running_step.h"
#include "worker/steps/step_runner.h"

namespace davit::service {

// Takes a step whose intent is on disk to its end: calls the runner, commits the
// result, tells the readers, with secrets masked in all of it. Blocks. Thread-safe.
class StepExecution {
 public:
  // Nothing is owned. `shutdown` is cancelled when the worker ends.
  StepExecution(Journal* journal, const steps::Runners* runners, const CancelToken* shutdown)
      : journal_(journal), runners_(runners), shutdown_(shutdown) {}

  void Run(RunningStep& step, const steps::StepContext& context) const;
  // Puts the output that a step of an earlier worker has left into its feed, for
  // readers that may lack it. What cannot be had is left out.
  void Replay(RunningStep& step, const steps::StepContext& context) const;

 private:
  absl::StatusOr<worker::v1::StepOutputs> CallRunner(RunningStep& step,
                                                     const steps::StepContext& context,
                                                     steps::StepReporter& reporter) const;
  // False when the worker ends first.
  bool Record(RunningStep& step, const worker::v1::StepFinished& finished) const;

  Journal* const journal_;
  const steps::Runners* const runners_;
  const CancelToken* const shutdown_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_STEP_EXECUTION_H_
