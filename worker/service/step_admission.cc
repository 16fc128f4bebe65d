// Whether a step may begin: whom the worker follows, fences, attempts.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/service/step_table.h"
#include "worker/steps/one_off/record.h"

namespace davit::service {
namespace {

using worker::v1::AdoptControllerRequest;
using worker::v1::AdoptControllerResponse;
using worker::v1::KnownStep;
using worker::v1::RunStepRequest;
using worker::v1::StepKey;
using worker::v1::StepSpec;

// How soon somebody who waits for steps to end notices that he need not.
constexpr absl::Duration kLookAround = absl::Milliseconds(100);

// A command goes on without the worker that began it.
absl::Status JournalLost(const RunStepRequest& request, const std::string& journal_id) {
  v1::Failure failure = MakeFailure(
      v1::JOURNAL_LOST, "the worker's journal is another one, and does not know the step",
      {absl::StrCat("expected journal: ", request.journal_id()),
       absl::StrCat("worker's journal: ", journal_id)});
  const bool migrates = request.spec().has_migrate_database();
  if (migrates || request.spec().has_run_one_off()) {
    const std::string container = steps::OneOffName(request.key());
    failure.add_evidence(absl::StrCat("its command may still run, in the container ", container));
    failure.set_next_command(absl::StrCat(
        "see on that host whether it runs: `docker ps --filter name=", container,
        "`; let it end, or end it with `docker kill ", container, "`",
        migrates ? "; until then it has the database's turn: migrations wait, restores are refused"
                 : ""));
  }
  return FailureStatus(failure);
}

// Surveys, and checks: what prepares a deployment without touching what serves, and
// removes again what it has made.
bool RunsUnfenced(const StepSpec& spec) {
  switch (spec.kind_case()) {
    case StepSpec::kObserve:
    case StepSpec::kResolveImage:
    case StepSpec::kPullImage:
    case StepSpec::kPreflight:
    case StepSpec::kWriteFiles:
    case StepSpec::kRemoveFiles:
    case StepSpec::kCreateResources:
    case StepSpec::kRemoveResources:
    case StepSpec::kRunOneOff:
    case StepSpec::kWaitDatabase:
      return true;
    default:
      return false;
  }
}

absl::Status Invalid(absl::string_view what) { return FailureStatus(v1::SPEC_INVALID, what); }

absl::Status UnknownKind() {
  return FailureStatus(v1::VERSION_SKEW,
                       "this worker is version " DAVIT_VERSION
                       " and does not know the step that the controller asks for");
}

bool IsOlder(const RunningStep& step, const Scope& scope, int64_t fence) {
  return step.fenced() && step.intent().fence < fence && ScopeOf(step.intent().key) == scope;
}

// A lower fence is one of before. The same one of another deployment comes from records
// that have forgotten the deployment that had it.
absl::Status CheckFence(const Fence& fence, const Fence& highest) {
  if (fence.number < highest.number) {
    return FailureStatus(
        v1::FENCED,
        absl::StrCat("fence ", fence.number, " is too low: ", highest.number, " has been seen"));
  }
  const bool known = !highest.deployment_id.empty() && highest.number > 0;
  if (!known || fence.number > highest.number || fence.deployment_id == highest.deployment_id) {
    return absl::OkStatus();
  }
  return FailureStatus(v1::FENCED,
                       absl::StrCat("fence ", fence.number, " is that of deployment ",
                                    highest.deployment_id, ", which the controller does not know"));
}

}  // namespace

absl::Status StepTable::CheckController(const std::string& cluster_id,
                                        const std::string& controller_id) {
  const auto followed = journal_->Followed(cluster_id);
  if (!followed.ok()) return followed.status();
  if (followed->empty() || *followed == controller_id) return absl::OkStatus();
  return FailureStatus(
      v1::HOST_NOT_ADOPTED, "this worker follows another controller of the cluster",
      {absl::StrCat("it follows: ", *followed),
       absl::StrCat("asked by: ", controller_id.empty() ? "one of an older version, without an id"
                                                        : controller_id)});
}

absl::Status StepTable::Validate(const RunStepRequest& request) const {
  const StepKey& key = request.key();
  if (key.cluster_id().empty() || key.step_id().empty() || key.attempt() < 1) {
    return Invalid("a step needs a cluster, an id and an attempt");
  }
  if (request.fence() < 0) return Invalid("a fence is not negative");
  for (const StepKey& acknowledged : request.acknowledged()) {
    if (acknowledged.cluster_id() != key.cluster_id()) {
      return Invalid("a step acknowledges steps of its own cluster alone");
    }
    if (IdOf(acknowledged) == IdOf(key)) return Invalid("a step does not acknowledge itself");
  }
  // What the spec says does not matter for a step that is known.
  if (!known_.contains(IdOf(key)) && !runners_->contains(request.spec().kind_case())) {
    return UnknownKind();
  }
  if (request.fence() == 0 && !RunsUnfenced(request.spec())) {
    return Invalid("without a fence nothing runs that touches what serves");
  }
  return absl::OkStatus();
}

absl::Status StepTable::PassController(const RunStepRequest& request, CallerGone caller_gone) {
  const std::string& cluster_id = request.key().cluster_id();
  if (!request.controller_id().empty()) {
    absl::Status status = journal_->Follow(cluster_id, request.controller_id());
    if (!status.ok()) return status;
  }
  if (auto ended = EndDisowned(cluster_id, caller_gone); !ended.ok()) return ended.status();
  // The lock may have been given up: another one may have been adopted.
  return CheckController(cluster_id, request.controller_id());
}

absl::StatusOr<AdoptControllerResponse> StepTable::Adopt(const AdoptControllerRequest& request,
                                                         CallerGone caller_gone) {
  const std::string& cluster_id = request.cluster_id();
  if (cluster_id.empty() || request.controller_id().empty()) {
    return Invalid("a cluster and a controller are needed");
  }
  absl::MutexLock lock(&mutex_);
  JoinEnded();
  const auto followed = journal_->Followed(cluster_id);
  if (!followed.ok()) return followed.status();
  if (*followed != request.controller_id()) {
    absl::Status status = journal_->Adopt(cluster_id, request.controller_id());
    if (!status.ok()) return status;
    for (const auto& [id, step] : known_) {
      if (std::get<0>(id) == cluster_id) step->Disown();
    }
  }
  auto forgotten = EndDisowned(cluster_id, caller_gone);
  if (!forgotten.ok()) return forgotten.status();
  absl::Status status = CheckController(cluster_id, request.controller_id());
  if (!status.ok()) return status;
  auto fences = journal_->Fences(cluster_id);
  if (!fences.ok()) return fences.status();
  AdoptControllerResponse response;
  response.set_journal_id(journal_->id());
  *response.mutable_fences() = {fences->begin(), fences->end()};
  *response.mutable_forgotten() = {forgotten->begin(), forgotten->end()};
  return response;
}

absl::StatusOr<std::vector<KnownStep>> StepTable::EndDisowned(const std::string& cluster_id,
                                                              CallerGone caller_gone) {
  const auto is_disowned = [&cluster_id](const RunningStep& step) {
    return step.disowned() && step.intent().key.cluster_id() == cluster_id;
  };
  absl::Status status = Drain(is_disowned, StopReason::kDisowned, caller_gone);
  if (!status.ok()) return status;
  std::vector<KnownStep> forgotten;
  for (auto known = known_.begin(); known != known_.end();) {
    const auto [id, step] = *known++;
    if (!is_disowned(*step)) continue;
    // A tombstone stays: nobody may run it again under the same key.
    if (status = journal_->Acknowledge({step->intent().key}); !status.ok()) return status;
    forgotten.push_back(KnownStepOf(*step));
    Drop(id);
  }
  return forgotten;
}

absl::Status StepTable::PassFence(const Scope& scope, const Fence& fence, CallerGone caller_gone) {
  const auto highest = journal_->HighestFence(scope);
  if (!highest.ok()) return highest.status();
  if (absl::Status status = CheckFence(fence, *highest); !status.ok()) return status;
  if (fence.number > highest->number) {
    if (absl::Status status = journal_->RaiseFence(scope, fence); !status.ok()) return status;
    ForgetOlder(scope, fence.number);
  }
  const auto is_older = [&](const RunningStep& step) { return IsOlder(step, scope, fence.number); };
  absl::Status status = Drain(is_older, StopReason::kFenced, caller_gone);
  if (!status.ok()) return status;
  // The lock was given up while waiting: a still higher fence may have passed.
  const auto now = journal_->HighestFence(scope);
  if (!now.ok()) return now.status();
  if (fence.number < now->number) return FailureStatus(v1::FENCED, "a higher fence came meanwhile");
  return absl::OkStatus();
}

void StepTable::ForgetOlder(const Scope& scope, int64_t fence) {
  for (auto known = known_.begin(); known != known_.end();) {
    const auto [id, step] = *known++;
    const bool ends_first = threads_.contains(id) || waiting_.contains(id);
    if (IsOlder(*step, scope, fence) && !ends_first) Drop(id);
  }
}

absl::Status StepTable::Drain(Matches matches, StopReason reason, CallerGone caller_gone) {
  for (const auto& [id, thread] : threads_) {
    if (matches(*known_.at(id))) known_.at(id)->Stop(reason);
  }
  // What they have left running is to end as well.
  for (const Id& id : std::set<Id>(waiting_)) {
    const std::shared_ptr<RunningStep> step = known_.at(id);
    if (!matches(*step)) continue;
    step->Stop(reason);
    if (absl::Status status = LaunchWaiting(step, {}); !status.ok()) return status;
  }
  const auto drained = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const auto& [id, thread] : threads_) {
      if (matches(*known_.at(id))) return false;
    }
    return true;
  };
  const absl::Time deadline = SteadyNow() + kDrainTimeout;
  while (!mutex_.AwaitWithTimeout(absl::Condition(&drained), kLookAround)) {
    if (shutdown_.cancelled()) return absl::UnavailableError("the worker is ending");
    if (caller_gone()) return absl::CancelledError("the caller has gone");
    if (SteadyNow() >= deadline) {
      return absl::UnavailableError("older steps have not ended yet; ask again");
    }
  }
  return absl::OkStatus();
}

absl::Status StepTable::MayBegin(const RunStepRequest& request) {
  if (shutdown_.cancelled()) return absl::UnavailableError("the worker is ending");
  if (!runners_->contains(request.spec().kind_case())) return UnknownKind();
  if (threads_.size() >= kMaxRunning) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the worker runs ", kMaxRunning, " steps already"));
  }
  if (!request.journal_id().empty() && request.journal_id() != journal_->id()) {
    return JournalLost(request, journal_->id());
  }
  return MayFollowAttempts(request.key());
}

absl::Status StepTable::MayFollowAttempts(const StepKey& key) {
  const auto acknowledged = journal_->IsAcknowledged(key);
  if (!acknowledged.ok()) return acknowledged.status();
  if (*acknowledged) return FailureStatus(v1::WRONG_STATE, "the step was already acknowledged");
  const auto attempt = journal_->HighestAttempt(key);
  if (!attempt.ok()) return attempt.status();
  if (*attempt > key.attempt()) {
    return FailureStatus(v1::WRONG_STATE,
                         absl::StrCat("attempt ", *attempt, " of the step was begun already"));
  }
  StepKey last = key;
  last.set_attempt(*attempt);
  if (threads_.contains(IdOf(last))) {
    return FailureStatus(v1::WRONG_STATE,
                         absl::StrCat("attempt ", *attempt, " of the step still runs"));
  }
  return absl::OkStatus();
}

}  // namespace davit::service
