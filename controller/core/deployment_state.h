#ifndef DAVIT_CONTROLLER_CORE_DEPLOYMENT_STATE_H_
#define DAVIT_CONTROLLER_CORE_DEPLOYMENT_STATE_H_

#include <map>
#include <string>
#include <vector>

#include "common/deployment/state.h"
#include "davit/state/v1/state.pb.h"

namespace davit::core {

// Everything that is known of one deployment: the record and its steps in the
// plan's order. steps[i].view().id() is StepId(record.view().id(), i).
struct DeploymentState {
  state::v1::DeploymentRecord record;
  std::vector<state::v1::StepRecord> steps;
  // All steps before this one are known to have succeeded: where to begin to look.
  // Follows from the steps; 0 is always right.
  int settled = 0;
  // Id of the worker's journal by host, as its steps first had it. Follows from the
  // steps: see Assemble.
  std::map<std::string, std::string> journals;
};

// The state that a record and its steps, as they are stored, make.
DeploymentState Assemble(state::v1::DeploymentRecord record,
                         std::vector<state::v1::StepRecord> steps);

using ::davit::IsTerminal;

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DEPLOYMENT_STATE_H_
