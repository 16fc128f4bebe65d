#include "worker/service/step_table.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/secret/secret_uses.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"

namespace davit::service {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::StepKey;

// Longest time for the output that an earlier worker's step has left.
constexpr absl::Duration kReplayTimeout = absl::Seconds(30);

Intent IntentOf(const RunStepRequest& request) {
  Intent intent{request.key(), request.fence(), request.spec(), StepTable::kDefaultTimeout,
                absl::Now()};
  if (request.has_timeout()) {
    intent.timeout = absl::Nanoseconds(
        google::protobuf::util::TimeUtil::DurationToNanoseconds(request.timeout()));
  }
  return intent;
}

steps::StepContext ContextOf(const RunStepRequest& request) {
  steps::StepContext context;
  context.secrets = {request.secrets().begin(), request.secrets().end()};
  context.after_log = request.after_log();
  return context;
}

// Its output and container are kept until it is forgotten.
bool HasOneOff(const worker::v1::StepSpec& spec) {
  return spec.has_run_one_off() || spec.has_migrate_database();
}

}  // namespace

worker::v1::KnownStep KnownStepOf(RunningStep& step) {
  worker::v1::KnownStep known;
  *known.mutable_key() = step.intent().key;
  known.set_fence(step.intent().fence);
  if (auto finished = step.feed().result()) *known.mutable_finished() = *std::move(finished);
  return known;
}

std::thread StepTable::StartStdThread(std::function<void()> body) {
  return std::thread(std::move(body));
}

StepTable::StepTable(Journal* journal, const steps::Runners* runners, StartThread start)
    : journal_(journal),
      runners_(runners),
      start_(std::move(start)),
      execution_(journal, runners, &shutdown_) {}

StepTable::~StepTable() {
  shutdown_.Cancel();
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, thread] : threads_) known_.at(id)->Stop(StopReason::kShutdown);
  const auto none_runs = [this]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return threads_.empty(); };
  mutex_.Await(absl::Condition(&none_runs));
  JoinEnded();
}

StepTable::Id StepTable::IdOf(const StepKey& key) {
  return {key.cluster_id(), key.step_id(), key.attempt()};
}

absl::Status StepTable::Resume() {
  auto steps = journal_->Unacknowledged("");
  if (!steps.ok()) return steps.status();
  absl::MutexLock lock(&mutex_);
  for (JournaledStep& journaled : *steps) {
    const auto highest = journal_->HighestFence(ScopeOf(journaled.intent.key));
    if (!highest.ok()) return highest.status();
    const absl::Duration time_left = TimeLeft(journaled.intent, absl::Now());
    auto step = std::make_shared<RunningStep>(std::move(journaled.intent), time_left);
    if (journaled.disowned) step->Disown();
    known_[IdOf(step->intent().key)] = step;
    if (journaled.finished.has_value()) {
      step->feed().Finish(*std::move(journaled.finished));
      if (HasOneOff(step->intent().spec)) unread_.insert(IdOf(step->intent().key));
      continue;
    }
    if (journaled.cancel_requested) step->Stop(StopReason::kCancelled);
    if (step->intent().fence < highest->number) step->Stop(StopReason::kFenced);
    if (step->stop_reason() == StopReason::kNone && !SecretsOf(step->intent().spec).empty()) {
      waiting_.insert(IdOf(step->intent().key));
      continue;
    }
    steps::StepContext context;
    context.resumed = true;
    absl::Status status = Launch(step, std::move(context));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<StepTable::Attachment> StepTable::Run(const RunStepRequest& request,
                                                     CallerGone caller_gone) {
  const StepKey& key = request.key();
  absl::MutexLock lock(&mutex_);
  absl::Status status = CheckController(key.cluster_id(), request.controller_id());
  if (!status.ok()) return status;
  if (status = Validate(request); !status.ok()) return status;
  JoinEnded();
  // Before anything is admitted: it may give the lock up.
  const std::vector<StepKey> acknowledged = Ended(request.acknowledged());
  if (status = PassController(request, caller_gone); !status.ok()) return status;
  if (request.fence() > 0) {
    status = PassFence(ScopeOf(key), {request.fence(), key.deployment_id()}, caller_gone);
    if (!status.ok()) return status;
  }
  const auto known = known_.find(IdOf(key));
  if (known != known_.end()) {
    const std::shared_ptr<RunningStep> step = known->second;
    // It runs on, and is followed: what cannot be forgotten now goes with a higher fence.
    if (status = Forget(acknowledged); !status.ok()) {
      spdlog::warn("steps cannot be acknowledged: {}", std::string(status.message()));
    }
    return Attach(step, request);
  }
  if (status = MayBegin(request); !status.ok()) return status;
  auto step = Begin(request, acknowledged);
  if (!step.ok()) return step.status();
  return Attachment{*std::move(step), false, nullptr};
}

absl::StatusOr<StepTable::Attachment> StepTable::Attach(const std::shared_ptr<RunningStep>& step,
                                                        const RunStepRequest& request) {
  absl::Status status = LaunchWaiting(step, ContextOf(request));
  if (!status.ok()) return status;
  Attachment attachment{step, true, nullptr};
  if (unread_.erase(IdOf(request.key())) == 0) return attachment;
  attachment.before_reading = [this, step, context = ContextOf(request)]() mutable {
    context.key = step->intent().key;
    context.call = {.cancel = &shutdown_, .steady_deadline = SteadyNow() + kReplayTimeout};
    execution_.Replay(*step, context);
  };
  return attachment;
}

absl::StatusOr<std::shared_ptr<RunningStep>> StepTable::Begin(
    const RunStepRequest& request, absl::Span<const StepKey> acknowledged) {
  Intent intent = IntentOf(request);
  const absl::Duration time_left = intent.timeout;
  auto step = std::make_shared<RunningStep>(std::move(intent), time_left);
  if (step->journaled()) {
    absl::Status status = journal_->WriteIntent(step->intent(), acknowledged);
    if (!status.ok()) return status;
    for (const StepKey& key : acknowledged) Drop(IdOf(key));
  } else if (absl::Status status = Forget(acknowledged); !status.ok()) {
    return status;
  }
  known_[IdOf(request.key())] = step;
  absl::Status launched = Launch(step, ContextOf(request));
  if (launched.ok()) return step;
  known_.erase(IdOf(request.key()));
  if (step->journaled()) {
    if (absl::Status status = journal_->Withdraw(request.key()); !status.ok()) return status;
  }
  return launched;
}

absl::Status StepTable::Launch(const std::shared_ptr<RunningStep>& step,
                               steps::StepContext context) {
  context.key = step->intent().key;
  context.call = step->call();
  // The next worker takes up what is in the journal, and nothing else.
  context.worker_ends = [&step = *step] {
    return step.journaled() && step.stop_reason() == StopReason::kShutdown;
  };
  try {
    std::thread thread = start_([this, step, context = std::move(context)] {
      execution_.Run(*step, context);
      Retire(*step);
    });
    threads_[IdOf(step->intent().key)] = std::move(thread);
  } catch (const std::system_error& e) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the worker cannot start a thread for the step: ", e.what()));
  }
  return absl::OkStatus();
}

absl::Status StepTable::LaunchWaiting(const std::shared_ptr<RunningStep>& step,
                                      steps::StepContext context) {
  const Id id = IdOf(step->intent().key);
  if (!waiting_.contains(id)) return absl::OkStatus();
  context.resumed = true;
  if (absl::Status status = Launch(step, std::move(context)); !status.ok()) return status;
  waiting_.erase(id);
  return absl::OkStatus();
}

void StepTable::JoinEnded() {
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
}

void StepTable::Retire(const RunningStep& step) {
  const Id id = IdOf(step.intent().key);
  absl::MutexLock lock(&mutex_);
  ended_.push_back(std::move(threads_.extract(id).mapped()));
  if (!step.fenced()) Drop(id);
}

absl::Status StepTable::AwaitEnd(const StepKey& key) {
  const Id id = IdOf(key);
  const auto known = known_.find(id);
  if (known == known_.end()) return absl::OkStatus();
  if (!known->second->feed().result()) {
    return FailureStatus(v1::WRONG_STATE, "the step still runs");
  }
  // It has told its result; its thread is about to go.
  const auto gone = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !threads_.contains(id); };
  if (mutex_.AwaitWithTimeout(absl::Condition(&gone), kDrainTimeout)) return absl::OkStatus();
  return absl::UnavailableError("the step has not ended yet; ask again");
}

std::vector<StepKey> StepTable::Ended(const google::protobuf::RepeatedPtrField<StepKey>& keys) {
  std::vector<StepKey> ended;
  for (const StepKey& key : keys) {
    if (const absl::Status status = AwaitEnd(key); status.ok()) {
      ended.push_back(key);
    } else {
      spdlog::warn("step {} cannot be acknowledged: {}", key.step_id(),
                   std::string(status.message()));
    }
  }
  return ended;
}

absl::Status StepTable::Forget(absl::Span<const StepKey> keys) {
  if (keys.empty()) return absl::OkStatus();
  if (absl::Status status = journal_->Acknowledge(keys); !status.ok()) return status;
  for (const StepKey& key : keys) Drop(IdOf(key));
  return absl::OkStatus();
}

void StepTable::Drop(const Id& id) {
  const auto known = known_.find(id);
  if (known == known_.end()) return;
  const bool one_off = HasOneOff(known->second->intent().spec);
  known_.erase(known);
  unread_.erase(id);
  if (one_off) one_off_forgotten_();
}

void StepTable::OnOneOffForgotten(std::function<void()> forgotten) {
  absl::MutexLock lock(&mutex_);
  one_off_forgotten_ = std::move(forgotten);
}

bool StepTable::Knows(const StepKey& key) const {
  absl::MutexLock lock(&mutex_);
  return known_.contains(IdOf(key));
}

absl::Status StepTable::Acknowledge(const StepKey& key) {
  absl::MutexLock lock(&mutex_);
  if (absl::Status status = AwaitEnd(key); !status.ok()) return status;
  return Forget({key});
}

absl::StatusOr<bool> StepTable::Cancel(const StepKey& key) {
  absl::MutexLock lock(&mutex_);
  const auto known = known_.find(IdOf(key));
  if (known == known_.end()) return false;
  const std::shared_ptr<RunningStep> step = known->second;
  if (!threads_.contains(known->first) && !waiting_.contains(known->first)) return true;
  if (step->journaled()) {
    if (absl::Status status = journal_->WriteCancelRequest(key); !status.ok()) return status;
  }
  step->Stop(StopReason::kCancelled);
  if (absl::Status status = LaunchWaiting(step, {}); !status.ok()) return status;
  return true;
}

std::vector<worker::v1::KnownStep> StepTable::List(const std::string& cluster_id) const {
  std::vector<std::shared_ptr<RunningStep>> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, step] : known_) {
      if (cluster_id.empty() || std::get<0>(id) == cluster_id) found.push_back(step);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a->intent().time < b->intent().time;
  });
  std::vector<worker::v1::KnownStep> steps;
  for (const auto& step : found) steps.push_back(KnownStepOf(*step));
  return steps;
}

int StepTable::running() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(threads_.size());
}

}  // namespace davit::service
