#ifndef DAVIT_CONTROLLER_CORE_MACHINE_STEP_OUTCOME_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_STEP_OUTCOME_H_

#include <optional>

#include "controller/core/deployment_state.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::core {

// What the end of a step means for its deployment.
enum class Gravity {
  kFine,     // go on
  kFailure,  // undo
  kUnknown,  // stop: nobody can know what to undo
};

struct StepOutcome {
  v1::StepState state;
  Gravity gravity;
  std::optional<v1::Failure> failure;
};

// Of a step whose worker has said how it ended.
StepOutcome OutcomeOf(const state::v1::DeploymentRecord& record, const state::v1::StepRecord& step,
                      const worker::v1::StepFinished& result);

// Of a step that is given up because of `failure`.
StepOutcome OutcomeOfLost(const state::v1::StepRecord& step, const v1::Failure& failure);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_STEP_OUTCOME_H_
