#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_UNDO_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_UNDO_H_

#include <string>

#include "controller/core/deployment_state.h"

// What a rollback has to know of the steps of a restore, which puts back itself what it has
// stopped.
namespace davit::core {

// Whether the deployment itself has put back already what the step `stop` has stopped.
bool IsBack(const DeploymentState& state, const state::v1::StepRecord& stop);

// Whether what the step `load` has loaded is a fresh database no more: it serves, or may do so.
bool MayBeInPlace(const DeploymentState& state, const state::v1::StepRecord& load);

// Whether the health of the container was told already.
bool IsChecked(const DeploymentState& state, const std::string& host, const std::string& name);

// Whether the step starts, once the backup is in place, a container that did not run before.
bool StartsWhatWasDown(const DeploymentState& state, const state::v1::StepRecord& step);

// Whether nobody knows, for the step's unknown outcome, how the containers of its host are. A
// swap of databases is nothing that they wait for. Of a stop, what puts back finds out how far
// that has come: who restores leaves no app down without having tried.
bool PutsContainersInDoubt(const DeploymentState& state, const state::v1::StepRecord& step);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORE_UNDO_H_
