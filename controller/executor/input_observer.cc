#include "controller/executor/input_observer.h"

#include <utility>

#include "common/failure/failure.h"

namespace davit::executor {
namespace {

using worker::v1::RunStepResponse;

worker::v1::StepFinished Refused(worker::v1::StepFinished::Outcome outcome,
                                 const v1::Failure& failure) {
  worker::v1::StepFinished finished;
  finished.set_outcome(outcome);
  *finished.mutable_failure() = failure;
  return finished;
}

// Why the stream ended before it said how the step did.
v1::Failure LossOf(const absl::Status& status) {
  if (!status.ok()) return FailureOf(status);
  return MakeFailure(v1::INTERNAL, "The worker ended the step's stream without a result.");
}

}  // namespace

InputObserver::InputObserver(std::string step_id, int attempt, Sink sink)
    : step_id_(std::move(step_id)), attempt_(attempt), sink_(std::move(sink)) {}

void InputObserver::OnEvent(const RunStepResponse& event) {
  switch (event.event_case()) {
    case RunStepResponse::kStarted:
      return sink_(core::StepStarted{step_id_, attempt_, event.started().journal_id()});
    case RunStepResponse::kProgress: {
      core::StepProgressed input{attempt_, event.progress()};
      input.progress.set_step_id(step_id_);
      return sink_(std::move(input));
    }
    case RunStepResponse::kLog: {
      core::StepLogged input{attempt_, event.log()};
      input.log.set_step_id(step_id_);
      return sink_(std::move(input));
    }
    case RunStepResponse::kFinished:
      return Finish(event.finished());
    case RunStepResponse::EVENT_NOT_SET:
      return;  // of a newer worker
  }
}

void InputObserver::OnDone(const absl::Status& status) {
  if (finished_) return;
  const v1::Failure failure = LossOf(status);
  if (failure.code() == v1::FENCED) {
    Finish(Refused(worker::v1::StepFinished::FAILED, failure));
  } else if (failure.code() == v1::JOURNAL_LOST) {
    Finish(Refused(worker::v1::StepFinished::UNKNOWN, failure));
  } else {
    sink_(core::WorkerLost{step_id_, attempt_, failure});
  }
}

void InputObserver::Finish(worker::v1::StepFinished result) {
  finished_ = true;
  sink_(core::StepFinished{step_id_, attempt_, std::move(result)});
}

}  // namespace davit::executor
