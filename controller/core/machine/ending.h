#ifndef DAVIT_CONTROLLER_CORE_MACHINE_ENDING_H_
#define DAVIT_CONTROLLER_CORE_MACHINE_ENDING_H_

#include "controller/core/machine/transition_builder.h"

namespace davit::core {

// Ends the deployment: releases are recorded, the lock is released. All steps
// must have ended. `state` is terminal.
void End(TransitionBuilder& builder, v1::DeploymentState state);

// Ends it, or begins its rollback, as the intent wants. Nothing runs any more.
void CarryOutIntent(TransitionBuilder& builder);

// Ends a rollback whose steps have all ended.
void EndRollback(TransitionBuilder& builder);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_MACHINE_ENDING_H_
