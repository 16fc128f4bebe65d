#ifndef DAVIT_WORKER_SERVICE_OUTCOME_H_
#define DAVIT_WORKER_SERVICE_OUTCOME_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "davit/worker/v1/steps.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/service/journal.h"

namespace davit::service {

// Why a step was told to stop before its end.
enum class StopReason { kNone, kCancelled, kFenced, kShutdown };

// How the step of `intent` ended at `now`, from what its runner returned.
worker::v1::StepFinished FinishedFrom(const absl::StatusOr<worker::v1::StepOutputs>& result,
                                      StopReason reason, const Intent& intent, absl::Time now);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_OUTCOME_H_
