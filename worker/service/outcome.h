#ifndef DAVIT_WORKER_SERVICE_OUTCOME_H_
#define DAVIT_WORKER_SERVICE_OUTCOME_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/service/journal.h"

namespace davit::service {

// Why a step was told to stop before its end.
enum class StopReason { kNone, kCancelled, kFenced, kDisowned, kShutdown };

// What ended a step besides its own runner.
struct StepLimits {
  StopReason reason = StopReason::kNone;
  bool timed_out = false;  // it has run for as long as it may
};

// How the step of `intent` ended at `now`, from what its runner returned.
worker::v1::StepFinished FinishedFrom(const absl::StatusOr<worker::v1::StepOutputs>& result,
                                      const StepLimits& limits, const Intent& intent,
                                      absl::Time now);

// How long a step that was begun at intent.time may still run after a restart at
// `now`. The time of day may have been set meanwhile: never longer than it had at
// its start.
absl::Duration TimeLeft(const Intent& intent, absl::Time now);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_OUTCOME_H_
