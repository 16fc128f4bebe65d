#ifndef DAVIT_CONTROLLER_CORE_DEPLOYMENT_STATE_H_
#define DAVIT_CONTROLLER_CORE_DEPLOYMENT_STATE_H_

#include <vector>

#include "davit/state/v1/state.pb.h"

namespace davit::core {

// Everything that is known of one deployment: the record and its steps in the
// plan's order. steps[i].view().id() is StepId(record.view().id(), i).
struct DeploymentState {
  state::v1::DeploymentRecord record;
  std::vector<state::v1::StepRecord> steps;
};

// Whether `state` is one that a deployment never leaves.
bool IsTerminal(v1::DeploymentState state);
bool IsTerminal(v1::StepState state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DEPLOYMENT_STATE_H_
