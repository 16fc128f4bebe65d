#ifndef DAVIT_WORKER_STEPS_FAILED_OUTPUTS_H_
#define DAVIT_WORKER_STEPS_FAILED_OUTPUTS_H_

#include <optional>

#include "absl/status/status.h"
#include "davit/worker/v1/steps.pb.h"

namespace davit::steps {

// What a step that failed, or was cancelled, has found out nevertheless goes with its
// status. `status` must not be OK; its Failure stays.
absl::Status WithOutputs(absl::Status status, const worker::v1::StepOutputs& outputs);

// nullopt: it has none.
std::optional<worker::v1::StepOutputs> OutputsOf(const absl::Status& status);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_FAILED_OUTPUTS_H_
