#ifndef DAVIT_CONTROLLER_CORE_COMPARISON_CHANGES_H_
#define DAVIT_CONTROLLER_CORE_COMPARISON_CHANGES_H_

#include <vector>

#include "controller/core/deployment_state.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::core {

// How each release of a deployment differs from what it meets, in the order of the
// rollout: from the live release by the records, or, as far as it was seen, from the
// container that is taken over. `state` must have its survey; empty where no plan can
// be made.
std::vector<v1::AppChange> ChangesOf(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_COMPARISON_CHANGES_H_
