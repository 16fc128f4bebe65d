#ifndef DAVIT_CONTROLLER_CORE_MACHINE_STEP_TURN_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_STEP_TURN_H_

#include "controller/core/machine/transition_builder.h"

// When a step may begin.
namespace davit::core {

enum class Turn { kNotYet, kNow, kNever };

bool Succeeded(const state::v1::StepRecord& step);
// Whether the steps of later waves need not wait for it any more.
bool Passed(const state::v1::DeploymentRecord& record, const state::v1::StepRecord& step);

// Whether it is the turn of a step, when the steps before it have got as far as `open`:
// the lowest wave in which not all have passed.
Turn TurnOf(const DeploymentState& state, const state::v1::StepRecord& step, int open);

// In a check, what is done for all apps of a host is done for those that have got so
// far. Returns whether there is any.
bool LeaveOutFailedApps(TransitionBuilder& builder, int index);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_STEP_TURN_H_
