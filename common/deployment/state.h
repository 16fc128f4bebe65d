#ifndef DAVIT_COMMON_DEPLOYMENT_STATE_H_
#define DAVIT_COMMON_DEPLOYMENT_STATE_H_

#include "davit/v1/deployment.pb.h"

namespace davit {

// Whether `state` is one that a deployment, or a step, never leaves.
bool IsTerminal(v1::DeploymentState state);
bool IsTerminal(v1::StepState state);

}  // namespace davit

#endif  // DAVIT_COMMON_DEPLOYMENT_STATE_H_
