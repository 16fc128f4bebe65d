#ifndef DAVIT_CONTROLLER_EXECUTOR_COMMANDS_H_
#define DAVIT_CONTROLLER_EXECUTOR_COMMANDS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "controller/core/machine/state_machine.h"
#include "controller/executor/work.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::executor {

// Effects with everything that is needed to carry them out later, when the
// state that they came from has moved on.
struct RunCommand {
  std::string host;
  // Without the values of secrets: these are put in when it is carried out.
  worker::v1::RunStepRequest request;
  // Those that it does not use and may come across: it shows what containers wrote.
  std::vector<worker::v1::SecretUse> masked = {};
  bool may_run = false;  // it was asked for before: the worker may have begun
};
struct CancelCommand {
  std::string host;
  worker::v1::StepKey key;
};
struct AckCommand {
  std::string host;
  worker::v1::StepKey key;
};
struct TimerCommand {
  absl::Time when;
  std::string step_id;
  InputWork work;
};

using Command = std::variant<RunCommand, CancelCommand, AckCommand, TimerCommand>;

// The commands that carry out `effects` of `state`, in the same order.
std::vector<Command> MakeCommands(const core::DeploymentState& state,
                                  absl::Span<const core::Effect> effects);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_COMMANDS_H_
