#include <spdlog/spdlog.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/failure/failure.h"
#include "controller/executor/executor_impl.h"
#include "controller/executor/input_observer.h"
#include "controller/executor/refusal.h"
#include "controller/executor/secret_values.h"

// What the thread that commits does.
namespace davit::executor {
namespace {

void LogChange(const Outcome& outcome) {
  if (!outcome.state_changed) return;
  const v1::Deployment& deployment = *outcome.deployment;
  spdlog::info("deployment {}: {}/{} {}", deployment.id(), deployment.project(),
               deployment.environment(), v1::DeploymentState_Name(deployment.state()));
}

// Step that `work` says has ended; empty when it says so of none.
std::string EndedStep(const Work& work) {
  const auto* input = std::get_if<InputWork>(&work);
  if (input == nullptr) return "";
  if (const auto* end = std::get_if<core::StepFinished>(&input->input)) return end->step_id;
  if (const auto* lost = std::get_if<core::WorkerLost>(&input->input)) return lost->step_id;
  return "";
}

// Tells the caller, when there is one.
void Answer(const Work& work, const Outcome& outcome) {
  Reply* reply = ReplyOf(work);
  if (reply == nullptr) return;
  if (outcome.status.ok()) {
    reply->Resolve(*outcome.deployment);
  } else {
    reply->Resolve(outcome.status);
  }
}

// A step is not run without its secrets. One that may run already is not known to have
// failed by that: what becomes of it, nobody hears.
void WithoutSecrets(const RunCommand& command, const absl::Status& why, InputObserver& observer) {
  if (command.may_run) return observer.OnDone(why);
  worker::v1::RunStepResponse event;
  event.mutable_finished()->set_outcome(worker::v1::StepFinished::FAILED);
  *event.mutable_finished()->mutable_failure() = FailureOf(why);
  observer.OnEvent(event);
}

}  // namespace

void Executor::Impl::Run() {
  while (true) {
    std::vector<Work> work = queue_->Pop(options_.batch);
    if (work.empty()) return;
    SeeThrough(std::move(work));
  }
}

void Executor::Impl::SeeThrough(std::vector<Work> work) {
  absl::Status error;
  absl::Duration pause = options_.commit_pause;
  for (int attempt = 1;; ++attempt) {
    const auto writing =
        attempt == 1 ? Committer::Writing::kTogether : Committer::Writing::kOneByOne;
    work = TryOnce(std::move(work), writing, error);
    if (work.empty()) return;
    spdlog::warn("commit of {} inputs failed, attempt {} of {}: {}", work.size(), attempt,
                 options_.commit_attempts, error.ToString());
    if (attempt >= options_.commit_attempts || queue_->AwaitClosed(pause)) break;
    pause *= 2;
  }
  GiveUp(std::move(work), error);
}

std::vector<Work> Executor::Impl::TryOnce(std::vector<Work> work, Committer::Writing writing,
                                          absl::Status& error) {
  std::vector<Outcome> outcomes = committer_.Commit(work, writing);
  std::vector<Work> again;
  std::map<std::string, int64_t> grown;
  for (size_t i = 0; i < work.size(); ++i) {
    Outcome& outcome = outcomes[i];
    if (!outcome.status.ok() && !IsRefusal(outcome.status)) {
      error = outcome.status;
      again.push_back(std::move(work[i]));
      continue;
    }
    if (outcome.status.ok()) CarryOut(work[i], outcome);
    if (outcome.has_events) grown[outcome.deployment_id] = outcome.last_sequence;
    Answer(work[i], outcome);
  }
  for (const auto& [id, last_sequence] : grown) hub_.Publish(id, last_sequence);
  return again;
}

void Executor::Impl::CarryOut(const Work& work, Outcome& outcome) {
  const std::string& id = outcome.deployment_id;
  if (const std::string step_id = EndedStep(work); !step_id.empty()) timers_.Disarm(id, step_id);
  for (Command& command : outcome.commands) Carry(std::move(command));
  if (outcome.ended) {
    timers_.DisarmAll(id);
    queue_->EndBulk(id);
  }
  LogChange(outcome);
}

void Executor::Impl::GiveUp(std::vector<Work> work, const absl::Status& error) {
  std::set<std::string> cut_off;
  for (const Work& piece : work) {
    if (Reply* reply = ReplyOf(piece)) {
      reply->Resolve(StoreFailure(error));
    } else {
      cut_off.insert(std::get<InputWork>(piece).deployment_id);
    }
  }
  committer_.Clear();
  for (const std::string& id : cut_off) {
    spdlog::error("deployment {}: what its workers say could not be stored; asked for again in {}",
                  id, absl::FormatDuration(options_.reattach_after));
    // Nothing more comes in behind the gap. Attaching again, from what is on
    // disk, closes it.
    queue_->CloseLanes(id);
    timers_.Arm(clock_.Now() + options_.reattach_after, "", {id, core::Restarted{}});
  }
}

void Executor::Impl::Carry(RunCommand command) {
  const worker::v1::StepKey& key = command.request.key();
  const auto lane = queue_->OpenLane(key.deployment_id(), key.step_id());
  const auto observer = std::make_shared<InputObserver>(
      key.step_id(), key.attempt(),
      [queue = queue_, lane](core::Input input) { queue->PushStep(*lane, std::move(input)); });
  const auto worker = fleet_.Find(command.host);
  if (!worker.ok()) return observer->OnDone(worker.status());
  if (absl::Status filled = FillSecrets(secrets_, command.masked, command.request); !filled.ok()) {
    return WithoutSecrets(command, filled, *observer);
  }
  (*worker)->RunStep(std::move(command.request), observer);
}

void Executor::Impl::Carry(Command command) {
  if (auto* run = std::get_if<RunCommand>(&command)) return Carry(std::move(*run));
  if (auto* timer = std::get_if<TimerCommand>(&command)) {
    return timers_.Arm(timer->when, timer->step_id, std::move(timer->work));
  }
  if (const auto* cancel = std::get_if<CancelCommand>(&command)) {
    if (const auto worker = fleet_.Find(cancel->host); worker.ok()) {
      (*worker)->CancelStep(cancel->key);
    }
    return;
  }
  const auto& ack = std::get<AckCommand>(command);
  if (const auto worker = fleet_.Find(ack.host); worker.ok()) (*worker)->AckStep(ack.key);
}

}  // namespace davit::executor
