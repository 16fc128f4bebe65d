#include "controller/executor/plan_run.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/executor/input_observer.h"
#include "controller/executor/secret_values.h"

namespace davit::executor {
namespace {

bool IsRunning(const state::v1::StepRecord& step) {
  return step.view().state() == v1::STEP_STARTED;
}

// The plan's steps as they are before a deployment: the state machine has
// already begun with the first ones.
void SetBack(v1::Step& step) {
  step.set_state(v1::STEP_PENDING);
  step.set_attempt(0);
  step.clear_start_time();
}

}  // namespace

absl::StatusOr<v1::Deployment> PlanRun::Run(core::DeploymentState state, absl::Time deadline) {
  state_ = std::move(state);
  Feed(core::Submitted{});
  while (Surveying()) {
    auto input = AwaitInput(deadline);
    if (!input.ok()) {
      CancelRunning();
      return input.status();
    }
    Feed(*input);
  }
  if (state_.record.view().has_failure()) return FailureStatus(state_.record.view().failure());
  return View();
}

void PlanRun::Feed(const core::Input& input) {
  core::Transition transition = core::Apply(std::move(state_), input, clock_.Now());
  state_ = std::move(transition.next);
  if (!Surveying()) return;
  for (Command& command : MakeCommands(state_, transition.effects)) {
    // The deadline of the whole makes timers needless; nothing is to be forgotten.
    auto* run = std::get_if<RunCommand>(&command);
    if (run == nullptr) continue;
    const worker::v1::StepKey key = run->request.key();
    const absl::Status status = Start(std::move(*run));
    if (!status.ok()) Feed(core::WorkerLost{key.step_id(), key.attempt(), FailureOf(status)});
  }
}

absl::Status PlanRun::Start(RunCommand command) {
  const auto worker = fleet_.Find(command.host);
  if (!worker.ok()) return worker.status();
  if (absl::Status filled = FillSecrets(secrets_, command.masked, command.request); !filled.ok())
    return filled;
  const worker::v1::StepKey key = command.request.key();
  const auto deliver = [mailbox = mailbox_](core::Input input) {
    absl::MutexLock lock(&mailbox->mutex);
    mailbox->inputs.push_back(std::move(input));
  };
  (*worker)->RunStep(std::move(command.request),
                     std::make_shared<InputObserver>(key.step_id(), key.attempt(), deliver));
  return absl::OkStatus();
}

absl::StatusOr<core::Input> PlanRun::AwaitInput(absl::Time deadline) {
  Mailbox& mailbox = *mailbox_;
  absl::MutexLock lock(&mailbox.mutex);
  const auto arrived = [&]() ABSL_SHARED_LOCKS_REQUIRED(mailbox.mutex) {
    return !mailbox.inputs.empty();
  };
  if (!mailbox.mutex.AwaitWithDeadline(absl::Condition(&arrived), deadline)) return NoAnswer();
  core::Input input = std::move(mailbox.inputs.front());
  mailbox.inputs.pop_front();
  return input;
}

bool PlanRun::Surveying() const { return state_.record.view().state() == v1::PENDING; }

void PlanRun::CancelRunning() {
  std::vector<core::Effect> effects;
  for (size_t i = 0; i < state_.steps.size(); ++i) {
    if (IsRunning(state_.steps[i])) effects.push_back(core::CancelStep{static_cast<int>(i)});
  }
  for (const Command& command : MakeCommands(state_, effects)) {
    const auto& cancel = std::get<CancelCommand>(command);
    if (const auto worker = fleet_.Find(cancel.host); worker.ok()) {
      (*worker)->CancelStep(cancel.key);
    }
  }
}

absl::Status PlanRun::NoAnswer() const {
  std::set<std::string> hosts;
  for (const auto& step : state_.steps) {
    if (IsRunning(step)) hosts.insert(step.view().host());
  }
  const std::string names = absl::StrJoin(hosts, ", ");
  return FailureStatus(v1::HOST_UNREACHABLE, absl::StrCat("No answer in time from ", names, "."),
                       {absl::StrCat("waited for: ", names)});
}

v1::Deployment PlanRun::View() const {
  v1::Deployment view = state_.record.view();
  view.set_state(v1::PENDING);
  for (const state::v1::StepRecord& step : state_.steps) {
    *view.add_steps() = step.view();
    if (step.view().phase() != v1::SUBMIT) SetBack(*view.mutable_steps()->rbegin());
  }
  return view;
}

}  // namespace davit::executor
