#include "controller/executor/memory_run.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/executor/input_observer.h"
#include "controller/executor/secret_values.h"

namespace davit::executor {
namespace {

bool IsRunning(const state::v1::StepRecord& step) {
  return step.view().state() == v1::STEP_STARTED;
}

}  // namespace

MemoryRun::MemoryRun(const fleet::Fleet& fleet, SecretSource& secrets, const Clock& clock,
                     core::DeploymentState state, GoesOn goes_on)
    : fleet_(fleet),
      secrets_(secrets),
      clock_(clock),
      goes_on_(std::move(goes_on)),
      state_(std::move(state)) {}

void MemoryRun::Feed(const core::Input& input) {
  core::Transition transition = core::Apply(std::move(state_), input, clock_.Now());
  state_ = std::move(transition.next);
  if (!goes_on_(state_)) return;
  for (Command& command : MakeCommands(state_, transition.effects)) Carry(std::move(command));
}

void MemoryRun::Carry(Command command) {
  if (auto* run = std::get_if<RunCommand>(&command)) {
    const worker::v1::StepKey key = run->request.key();
    const absl::Status status = Start(std::move(*run));
    if (!status.ok()) Feed(core::WorkerLost{key.step_id(), key.attempt(), FailureOf(status)});
  } else if (const auto* cancel = std::get_if<CancelCommand>(&command)) {
    const auto worker = fleet_.Find(cancel->host);
    if (worker.ok()) (*worker)->CancelStep(cancel->key);
  }
}

absl::Status MemoryRun::Start(RunCommand command) {
  const auto worker = fleet_.Find(command.host);
  if (!worker.ok()) return worker.status();
  const absl::Status filled = FillSecrets(secrets_, command.masked, command.request);
  if (!filled.ok()) return filled;
  const worker::v1::StepKey key = command.request.key();
  const auto deliver = [mailbox = mailbox_](core::Input input) {
    absl::MutexLock lock(&mailbox->mutex);
    mailbox->inputs.push_back(std::move(input));
  };
  (*worker)->RunStep(std::move(command.request),
                     std::make_shared<InputObserver>(key.step_id(), key.attempt(), deliver));
  return absl::OkStatus();
}

std::optional<core::Input> MemoryRun::AwaitInput(absl::Time deadline) {
  Mailbox& mailbox = *mailbox_;
  absl::MutexLock lock(&mailbox.mutex);
  const auto arrived = [&]() ABSL_SHARED_LOCKS_REQUIRED(mailbox.mutex) {
    return !mailbox.inputs.empty();
  };
  if (!mailbox.mutex.AwaitWithDeadline(absl::Condition(&arrived), deadline)) return std::nullopt;
  core::Input input = std::move(mailbox.inputs.front());
  mailbox.inputs.pop_front();
  return input;
}

void MemoryRun::CancelRunning() {
  std::vector<core::Effect> effects;
  for (size_t i = 0; i < state_.steps.size(); ++i) {
    if (IsRunning(state_.steps[i])) effects.push_back(core::CancelStep{static_cast<int>(i)});
  }
  for (Command& command : MakeCommands(state_, effects)) Carry(std::move(command));
}

std::string MemoryRun::BusyHosts() const {
  std::set<std::string> hosts;
  for (const auto& step : state_.steps) {
    if (IsRunning(step)) hosts.insert(step.view().host());
  }
  return absl::StrJoin(hosts, ", ");
}

}  // namespace davit::executor
