#include "worker/service/outcome.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/failed_outputs.h"
#include "worker/steps/text/log_advice.h"

namespace davit::service {
namespace {

using worker::v1::StepFinished;

v1::Failure FailureFor(const absl::Status& status, const StepLimits& limits, const Intent& intent) {
  if (absl::IsCancelled(status) && limits.reason == StopReason::kFenced) {
    return MakeFailure(v1::FENCED, "the step was stopped: a newer deployment has taken over");
  }
  if (absl::IsCancelled(status) && limits.reason == StopReason::kDisowned) {
    return MakeFailure(v1::HOST_NOT_ADOPTED,
                       "the step was stopped: the worker follows another controller now");
  }
  // What ran into the step's own deadline speaks of some call; the step is what is meant.
  v1::Failure failure = FailureOf(status);
  if (failure.code() == v1::STEP_TIMEOUT && limits.timed_out) {
    return MakeFailure(
        v1::STEP_TIMEOUT,
        absl::StrCat("the step ran longer than ", absl::FormatDuration(intent.timeout)),
        {std::string(status.message())});
  }
  steps::CorrectLogAdvice(failure);
  return failure;
}

StepFinished::Outcome OutcomeOf(const absl::Status& status) {
  if (absl::IsCancelled(status)) return StepFinished::CANCELLED;
  if (IsFailure(status, v1::STEP_UNKNOWN)) return StepFinished::UNKNOWN;
  return StepFinished::FAILED;
}

}  // namespace

StepFinished FinishedFrom(const absl::StatusOr<worker::v1::StepOutputs>& result,
                          const StepLimits& limits, const Intent& intent, absl::Time now) {
  StepFinished finished;
  *finished.mutable_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(now));
  if (result.ok()) {
    finished.set_outcome(StepFinished::SUCCEEDED);
    *finished.mutable_outputs() = *result;
    return finished;
  }
  finished.set_outcome(OutcomeOf(result.status()));
  *finished.mutable_failure() = FailureFor(result.status(), limits, intent);
  if (auto outputs = steps::OutputsOf(result.status())) {
    *finished.mutable_outputs() = *std::move(outputs);
  }
  return finished;
}

absl::Duration TimeLeft(const Intent& intent, absl::Time now) {
  return std::min(intent.timeout, intent.time + intent.timeout - now);
}

}  // namespace davit::service
