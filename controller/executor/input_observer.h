#ifndef DAVIT_CONTROLLER_EXECUTOR_INPUT_OBSERVER_H_
#define DAVIT_CONTROLLER_EXECUTOR_INPUT_OBSERVER_H_

#include <functional>
#include <string>

#include "controller/core/machine/state_machine.h"
#include "controller/fleet/worker_client.h"

namespace davit::executor {

// Turns what a worker says of a step into inputs of the state machine. A stream
// that ends without a result becomes one too: FENCED is a failure, with
// JOURNAL_LOST nobody can know, and any other error means that the worker is lost.
class InputObserver final : public fleet::StepObserver {
 public:
  using Sink = std::function<void(core::Input)>;

  InputObserver(std::string step_id, int attempt, Sink sink);

  void OnEvent(const worker::v1::RunStepResponse& event) override;
  void OnDone(const absl::Status& status) override;

 private:
  void Finish(worker::v1::StepFinished result);

  const std::string step_id_;
  const int attempt_;
  const Sink sink_;
  bool finished_ = false;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_INPUT_OBSERVER_H_
