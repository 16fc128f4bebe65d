#include "worker/service/step_execution.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "worker/service/masked_reporter.h"
#include "worker/service/outcome.h"

namespace davit::service {
namespace {

using worker::v1::StepOutputs;

constexpr absl::Duration kJournalRetry = absl::Seconds(1);

}  // namespace

void StepExecution::Run(RunningStep& step, const steps::StepContext& context) const {
  MaskedReporter reporter(&step.feed(), step.intent().spec, context.secrets);
  const absl::StatusOr<StepOutputs> result = CallRunner(step, context, reporter);
  const StepLimits limits = step.limits();
  // What fails while the worker ends may fail because of that: the next one looks again.
  if (limits.reason == StopReason::kShutdown && !result.ok()) return step.feed().Abandon();
  auto finished = FinishedFrom(result, limits, step.intent(), absl::Now());
  reporter.Finish(finished);
  if (step.journaled() && !Record(step, finished)) return step.feed().Abandon();
  step.feed().Finish(std::move(finished));
}

void StepExecution::Replay(RunningStep& step, const steps::StepContext& context) const {
  const auto runner = runners_->find(step.intent().spec.kind_case());
  if (runner == runners_->end()) return;
  MaskedReporter reporter(&step.feed(), step.intent().spec, context.secrets);
  const absl::Status status = runner->second->Replay(step.intent().spec, context, reporter);
  if (!status.ok()) {
    spdlog::warn("output of step {} cannot be read again: {}", context.key.step_id(),
                 std::string(status.message()));
  }
  // Lets out what was held back; how it ended has been masked and told.
  worker::v1::StepFinished told;
  reporter.Finish(told);
}

absl::StatusOr<StepOutputs> StepExecution::CallRunner(RunningStep& step,
                                                      const steps::StepContext& context,
                                                      steps::StepReporter& reporter) const {
  const auto runner = runners_->find(step.intent().spec.kind_case());
  if (runner == runners_->end()) {
    return FailureStatus(v1::STEP_UNKNOWN, "this worker cannot go on with such a step");
  }
  try {
    return runner->second->Run(step.intent().spec, context, reporter);
  } catch (const std::exception& e) {
    return FailureStatus(v1::INTERNAL, absl::StrCat("the step's runner threw: ", e.what()));
  }
}

bool StepExecution::Record(RunningStep& step, const worker::v1::StepFinished& finished) const {
  for (;;) {
    const absl::Status status = journal_->WriteResult(step.intent().key, finished);
    if (status.ok()) return true;
    v1::StepProgress progress;
    progress.set_phase(absl::StrCat("the result cannot be written: ", status.message()));
    step.feed().Progress(std::move(progress));
    if (shutdown_->WaitFor(kJournalRetry)) return false;
  }
}

}  // namespace davit::service
