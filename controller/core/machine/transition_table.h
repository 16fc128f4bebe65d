#ifndef DAVIT_CONTROLLER_CORE_MACHINE_TRANSITION_TABLE_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_TRANSITION_TABLE_H_

#include "controller/core/machine/transition_builder.h"

namespace davit::core {

using Handler = void (*)(TransitionBuilder&, const Input&);

// What `input` does in `state`; never null.
Handler HandlerOf(v1::DeploymentState state, const Input& input);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_TRANSITION_TABLE_H_
