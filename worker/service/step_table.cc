#include "worker/service/step_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"

namespace davit::service {
namespace {

using worker::v1::RunStepRequest;
using worker::v1::StepKey;
using worker::v1::StepSpec;

bool RunsUnfenced(const StepSpec& spec) { return spec.has_observe() || spec.has_resolve_image(); }

Intent IntentOf(const RunStepRequest& request) {
  Intent intent{request.key(), request.fence(), request.spec(), StepTable::kDefaultTimeout,
                absl::Now()};
  if (request.has_timeout()) {
    intent.timeout = absl::Nanoseconds(
        google::protobuf::util::TimeUtil::DurationToNanoseconds(request.timeout()));
  }
  return intent;
}

absl::Status Invalid(absl::string_view what) { return FailureStatus(v1::SPEC_INVALID, what); }

}  // namespace

StepTable::StepTable(Journal* journal, const steps::Runners* runners)
    : journal_(journal), runners_(runners), execution_(journal, runners, &shutdown_) {}

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
    auto step = std::make_shared<RunningStep>(std::move(journaled.intent));
    known_[IdOf(step->intent().key)] = step;
    if (journaled.finished.has_value()) {
      step->feed().Finish(*std::move(journaled.finished));
      continue;
    }
    if (journaled.cancel_requested) step->Stop(StopReason::kCancelled);
    if (step->intent().fence < *highest) step->Stop(StopReason::kFenced);
    steps::StepContext context;
    context.resumed = true;
    Launch(step, std::move(context));
  }
  return absl::OkStatus();
}

absl::Status StepTable::Validate(const RunStepRequest& request) const {
  const StepKey& key = request.key();
  if (key.cluster_id().empty() || key.step_id().empty() || key.attempt() < 1) {
    return Invalid("a step needs a cluster, an id and an attempt");
  }
  if (request.fence() < 0) return Invalid("a fence is not negative");
  if (request.fence() == 0 && !RunsUnfenced(request.spec())) {
    return Invalid("without a fence only observe and resolve_image run");
  }
  return absl::OkStatus();
}

absl::StatusOr<StepTable::Attachment> StepTable::Run(const RunStepRequest& request) {
  if (absl::Status status = Validate(request); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  JoinEnded();
  if (request.fence() > 0) {
    absl::Status status = PassFence(ScopeOf(request.key()), request.fence());
    if (!status.ok()) return status;
  }
  const auto known = known_.find(IdOf(request.key()));
  if (known != known_.end()) return Attachment{known->second, true};
  if (absl::Status status = MayBegin(request); !status.ok()) return status;
  auto step = Begin(request);
  if (!step.ok()) return step.status();
  return Attachment{*std::move(step), false};
}

absl::Status StepTable::PassFence(const Scope& scope, int64_t fence) {
  const auto highest = journal_->HighestFence(scope);
  if (!highest.ok()) return highest.status();
  if (fence < *highest) {
    return FailureStatus(
        v1::FENCED, absl::StrCat("fence ", fence, " is too low: ", *highest, " has been seen"));
  }
  if (fence > *highest) {
    if (absl::Status status = journal_->RaiseFence(scope, fence); !status.ok()) return status;
    ForgetOlder(scope, fence);
  }
  return DrainOlder(scope, fence);
}

void StepTable::ForgetOlder(const Scope& scope, int64_t fence) {
  std::erase_if(known_, [&](const auto& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const RunningStep& step = *entry.second;
    return step.journaled() && step.intent().fence < fence && ScopeOf(step.intent().key) == scope &&
           !threads_.contains(entry.first);
  });
}

bool StepTable::AnyOlderRuns(const Scope& scope, int64_t fence) const {
  for (const auto& [id, thread] : threads_) {
    const RunningStep& step = *known_.at(id);
    if (step.journaled() && step.intent().fence < fence && ScopeOf(step.intent().key) == scope) {
      return true;
    }
  }
  return false;
}

absl::Status StepTable::DrainOlder(const Scope& scope, int64_t fence) {
  for (const auto& [id, thread] : threads_) {
    RunningStep& step = *known_.at(id);
    if (step.journaled() && step.intent().fence < fence && ScopeOf(step.intent().key) == scope) {
      step.Stop(StopReason::kFenced);
    }
  }
  const auto drained = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !AnyOlderRuns(scope, fence);
  };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&drained), kDrainTimeout)) {
    return absl::UnavailableError("steps of an older deployment have not ended yet; ask again");
  }
  // The lock was given up while waiting: a still higher fence may have passed.
  const auto highest = journal_->HighestFence(scope);
  if (!highest.ok()) return highest.status();
  if (fence < *highest) return FailureStatus(v1::FENCED, "a higher fence came meanwhile");
  return absl::OkStatus();
}

absl::Status StepTable::MayBegin(const RunStepRequest& request) {
  if (shutdown_.cancelled()) return absl::UnavailableError("the worker is ending");
  if (!runners_->contains(request.spec().kind_case())) {
    return Invalid("the worker has no runner for this kind of step");
  }
  if (threads_.size() >= kMaxRunning) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the worker runs ", kMaxRunning, " steps already"));
  }
  if (!request.journal_id().empty() && request.journal_id() != journal_->id()) {
    return FailureStatus(v1::JOURNAL_LOST,
                         "the worker's journal is another one, and does not know the step",
                         {absl::StrCat("expected journal: ", request.journal_id()),
                          absl::StrCat("worker's journal: ", journal_->id())});
  }
  const auto acknowledged = journal_->IsAcknowledged(request.key());
  if (!acknowledged.ok()) return acknowledged.status();
  if (*acknowledged) {
    return FailureStatus(v1::WRONG_STATE, "the step was already acknowledged");
  }
  const auto attempt = journal_->HighestAttempt(request.key());
  if (!attempt.ok()) return attempt.status();
  if (*attempt > request.key().attempt()) {
    return FailureStatus(v1::WRONG_STATE,
                         absl::StrCat("attempt ", *attempt, " of the step was begun already"));
  }
  StepKey last = request.key();
  last.set_attempt(*attempt);
  if (threads_.contains(IdOf(last))) {
    return FailureStatus(v1::WRONG_STATE,
                         absl::StrCat("attempt ", *attempt, " of the step still runs"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<RunningStep>> StepTable::Begin(const RunStepRequest& request) {
  auto step = std::make_shared<RunningStep>(IntentOf(request));
  if (step->journaled()) {
    if (absl::Status status = journal_->WriteIntent(step->intent()); !status.ok()) return status;
  }
  known_[IdOf(request.key())] = step;
  steps::StepContext context;
  context.secrets = {request.secrets().begin(), request.secrets().end()};
  context.after_log = request.after_log();
  Launch(step, std::move(context));
  return step;
}

void StepTable::Launch(const std::shared_ptr<RunningStep>& step, steps::StepContext context) {
  context.key = step->intent().key;
  context.call = step->call();
  std::thread& thread = threads_[IdOf(step->intent().key)];
  thread = std::thread([this, step, context = std::move(context)] {
    execution_.Run(*step, context);
    Retire(*step);
  });
}

void StepTable::JoinEnded() {
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
}

void StepTable::Retire(const RunningStep& step) {
  const Id id = IdOf(step.intent().key);
  absl::MutexLock lock(&mutex_);
  ended_.push_back(std::move(threads_.extract(id).mapped()));
  if (!step.journaled()) known_.erase(id);
}

absl::Status StepTable::Acknowledge(const StepKey& key) {
  absl::MutexLock lock(&mutex_);
  const Id id = IdOf(key);
  const auto known = known_.find(id);
  if (known != known_.end()) {
    if (!known->second->feed().result()) {
      return FailureStatus(v1::WRONG_STATE, "the step still runs");
    }
    // It has told its result; its thread is about to go.
    const auto gone = [&]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !threads_.contains(id); };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&gone), kDrainTimeout)) {
      return absl::UnavailableError("the step has not ended yet; ask again");
    }
  }
  if (absl::Status status = journal_->Acknowledge(key); !status.ok()) return status;
  known_.erase(id);
  return absl::OkStatus();
}

absl::StatusOr<bool> StepTable::Cancel(const StepKey& key) {
  absl::MutexLock lock(&mutex_);
  const auto known = known_.find(IdOf(key));
  if (known == known_.end()) return false;
  RunningStep& step = *known->second;
  if (!threads_.contains(known->first)) return true;
  if (step.journaled()) {
    if (absl::Status status = journal_->WriteCancelRequest(key); !status.ok()) return status;
  }
  step.Stop(StopReason::kCancelled);
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
  for (const auto& step : found) {
    worker::v1::KnownStep& known = steps.emplace_back();
    *known.mutable_key() = step->intent().key;
    known.set_fence(step->intent().fence);
    if (auto finished = step->feed().result()) *known.mutable_finished() = *std::move(finished);
  }
  return steps;
}

int StepTable::running() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(threads_.size());
}

}  // namespace davit::service
