#include "worker/service/outcome.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"

namespace davit::service {
namespace {

using worker::v1::StepFinished;

v1::Failure FailureFor(const absl::Status& status, StopReason reason, const Intent& intent,
                       absl::Time now) {
  if (absl::IsCancelled(status) && reason == StopReason::kFenced) {
    return MakeFailure(v1::FENCED, "the step was stopped: a newer deployment has taken over");
  }
  // What ran into the step's own deadline speaks of some call; the step is what is meant.
  v1::Failure failure = FailureOf(status);
  if (failure.code() == v1::STEP_TIMEOUT && now >= intent.time + intent.timeout) {
    return MakeFailure(
        v1::STEP_TIMEOUT,
        absl::StrCat("the step ran longer than ", absl::FormatDuration(intent.timeout)),
        {std::string(status.message())});
  }
  return failure;
}

StepFinished::Outcome OutcomeOf(const absl::Status& status) {
  if (absl::IsCancelled(status)) return StepFinished::CANCELLED;
  if (IsFailure(status, v1::STEP_UNKNOWN)) return StepFinished::UNKNOWN;
  return StepFinished::FAILED;
}

}  // namespace

StepFinished FinishedFrom(const absl::StatusOr<worker::v1::StepOutputs>& result, StopReason reason,
                          const Intent& intent, absl::Time now) {
  StepFinished finished;
  *finished.mutable_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(now));
  if (result.ok()) {
    finished.set_outcome(StepFinished::SUCCEEDED);
    *finished.mutable_outputs() = *result;
    return finished;
  }
  finished.set_outcome(OutcomeOf(result.status()));
  *finished.mutable_failure() = FailureFor(result.status(), reason, intent, now);
  return finished;
}

}  // namespace davit::service
