#ifndef DAVIT_CONTROLLER_CORE_MACHINE_ADVANCE_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_ADVANCE_H_

#include "controller/core/machine/step_outcome.h"
#include "controller/core/machine/transition_builder.h"

namespace davit::core {

// Sets the deployment's intent, unless it has one that is as grave, and stops
// what need not run to its end. `step_id` may be empty.
void HeadFor(TransitionBuilder& builder, state::v1::Intent intent, const v1::Failure& failure,
             const std::string& step_id);

// Ends a running step and does what follows from that.
void EndStep(TransitionBuilder& builder, int index, const StepOutcome& outcome);

// Whether a release is confirmed and its clearing up has begun, or a restore has put its
// backup in place.
bool PastPointOfNoReturn(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_ADVANCE_H_
