#ifndef DAVIT_CONTROLLER_EXECUTOR_TRANSITION_WRITER_H_
#define DAVIT_CONTROLLER_EXECUTOR_TRANSITION_WRITER_H_

#include "absl/status/status.h"
#include "controller/core/machine/state_machine.h"
#include "controller/store/store.h"

namespace davit::executor {

// Puts everything of `transition` but its effects into the store.
absl::Status WriteTransition(store::Txn& txn, const core::Transition& transition);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_TRANSITION_WRITER_H_
