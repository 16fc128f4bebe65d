#ifndef DAVIT_CONTROLLER_CORE_MACHINE_STEP_CONTROL_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_STEP_CONTROL_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "controller/core/machine/transition_builder.h"

// Starts, cancels and skips steps.
namespace davit::core {

// Index of the step with this id; nullopt when the deployment has none.
std::optional<int> FindStep(const DeploymentState& state, absl::string_view step_id);

// Whether a step has been started and has not ended.
bool AnyRunning(const DeploymentState& state);

// Starts every pending step whose turn it is. Returns whether any step is left
// that has not ended.
bool StartReadySteps(TransitionBuilder& builder);

// Asks the worker to stop a running step, once.
void CancelRunningStep(TransitionBuilder& builder, int index);
// All of them, or only those that change nothing.
void CancelRunningSteps(TransitionBuilder& builder, bool also_changing);

// Skips every pending step, or only those of one host.
void SkipPendingSteps(TransitionBuilder& builder, absl::string_view host = "");

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_STEP_CONTROL_H_
