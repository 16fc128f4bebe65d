#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container_inputs.h"
#include "worker/steps/container_lookup.h"
#include "worker/steps/health/log_follower.h"
#include "worker/steps/one_off_end.h"
#include "worker/steps/one_off_output.h"
#include "worker/steps/one_off_record.h"
#include "worker/steps/runners.h"
#include "worker/steps/start_failure.h"

namespace davit::steps {
namespace {

using docker::ContainerDetails;
using google::protobuf::util::TimeUtil;
using worker::v1::ContainerSpec;
using worker::v1::RunOneOff;
using worker::v1::StepOutputs;

constexpr absl::Duration kFirstLook = absl::Milliseconds(50);
constexpr absl::Duration kSlowestLook = absl::Milliseconds(500);
constexpr absl::Duration kAskAgain = absl::Milliseconds(500);
// For what must be done although the step's own time is over.
constexpr absl::Duration kLastWords = absl::Seconds(10);
constexpr absl::Duration kKillPatience = absl::Seconds(30);
// The engine adds its own defaults where nothing is said, and refuses "no limit".
constexpr char kNoRotation[] = "1000p";

Call AnotherCall(absl::Duration patience) { return {.steady_deadline = SteadyNow() + patience}; }

// Whether the container was made for the step.
bool IsOf(const worker::v1::StepKey& key, const ContainerDetails& container) {
  const worker::v1::StepKey named = OneOffKey(container.observed.labels());
  return named.cluster_id() == key.cluster_id() && named.step_id() == key.step_id();
}

bool HasExited(const ContainerDetails& container) {
  return WasStarted(container) &&
         (container.observed.state() == "exited" || container.observed.state() == "dead");
}

// One step. What it does depends on what it finds, not on whether it was resumed: the
// container's name is the step's and attempt's own.
//
// Starting an exited container would run its command again, and waiting on one that
// never started would return 0. So a container is started only from `created`, and
// only once; after a lost answer it is only looked at; and a result needs `exited` and
// a time of start.
class OneOffRun {
 public:
  OneOffRun(const RunnerEnvironment& environment, absl::Duration start_patience,
            const RunOneOff& one_off, const StepContext& context, StepReporter& reporter)
      : engine_(environment.engine),
        state_directory_(environment.state_directory),
        start_patience_(start_patience),
        started_(state_directory_),
        one_off_(one_off),
        context_(context),
        reporter_(reporter),
        name_(OneOffName(context.key)) {}

  absl::StatusOr<StepOutputs> Run() {
    auto container = Obtain();
    if (!container.ok()) return container.status();
    if (absl::Status status = EnsureStarted(*container); !status.ok()) return status;
    OneOffOutput output(engine_, container->observed.id(), context_, &reporter_);
    SetCommandDeadline(*container);
    absl::Status stopped = AwaitEnd(*container);
    if (!stopped.ok()) {
      if (IsLeftToTheNext()) return stopped;
      if (absl::Status killed = Kill(*container); !killed.ok()) return killed;
    }
    // All output is reported before the result is.
    if (absl::Status status = Finish(output); !status.ok() && IsLeftToTheNext()) return status;
    return Result(stopped, *container);
  }

 private:
  // The container of this step, as an earlier run has made it, or a new one.
  absl::StatusOr<ContainerDetails> Obtain() const {
    auto found = FindContainer(*engine_, name_, context_.call);
    if (!found.ok()) return found.status();
    if (found->has_value()) {
      if (IsOf(context_.key, **found)) return **std::move(found);
      return FailureStatus(
          v1::NAME_IN_USE, absl::StrCat("a container ", name_, " exists already"),
          {absl::StrCat("it is ", Describe((*found)->observed), ", and not of this step")});
    }
    if (started_.Contains(context_.key)) {
      return OneOffInterrupted(one_off_, "was removed before its end was known",
                               {absl::StrCat("container: ", name_)});
    }
    return Create();
  }

  absl::StatusOr<ContainerDetails> Create() const {
    auto spec = WithInputs(one_off_.container(), context_.secrets, state_directory_);
    if (!spec.ok()) return spec.status();
    spec->clear_ports();
    spec->set_log_driver("json-file");
    spec->clear_log_options();
    (*spec->mutable_log_options())["max-size"] = kNoRotation;
    for (auto& [label, value] : OneOffLabels(context_.key, state_directory_)) {
      (*spec->mutable_labels())[label] = std::move(value);
    }
    if (absl::Status status = started_.Prepare(); !status.ok()) return status;
    const auto id = engine_->CreateContainer(name_, *spec, "no", context_.call);
    if (!id.ok()) return id.status();
    return engine_->InspectContainer(*id, context_.call);
  }

  // Whatever comes back, the container was started once, or never will be.
  absl::Status EnsureStarted(ContainerDetails& container) const {
    if (WasStarted(container)) return absl::OkStatus();
    if (started_.Contains(context_.key)) return AwaitStart(container);
    if (absl::Status status = context_.call.Check(); !status.ok()) return status;
    if (absl::Status status = started_.Add(context_.key); !status.ok()) return status;
    const absl::Status start = engine_->StartContainer(container.observed.id(), context_.call);
    if (start.ok() || IsAnswerLost(start)) return AwaitStart(container);
    return ExplainStartFailure(*engine_, start, name_, one_off_.container(), context_.call);
  }

  static bool IsAnswerLost(const absl::Status& status) {
    return IsFailure(status, v1::DOCKER_UNREACHABLE) || absl::IsCancelled(status) ||
           absl::IsDeadlineExceeded(status) || IsFailure(status, v1::STEP_TIMEOUT);
  }

  // Looks, and only looks, until it has been started. Not by the step's own time: what
  // has begun must be known to be ended.
  absl::Status AwaitStart(ContainerDetails& container) const {
    const std::string id = container.observed.id();
    const Call call = AnotherCall(start_patience_);
    do {
      auto found = FindContainer(*engine_, id, call);
      if (found.ok() && !found->has_value()) return Gone();
      if (found.ok()) container = **std::move(found);
      if (WasStarted(container)) return absl::OkStatus();
      if (!container.error.empty()) {
        return FailureStatus(v1::CONTAINER_REFUSED, absl::StrCat(name_, " could not be started"),
                             {absl::StrCat("Docker: ", container.error)});
      }
    } while (call.Wait(kFirstLook).ok() && !IsLeftToTheNext());
    if (IsLeftToTheNext()) return context_.call.Check();
    // Gone, it cannot be started late.
    const absl::Status removed = engine_->RemoveContainer(id, AnotherCall(kLastWords));
    if (!removed.ok()) return Unended(removed);
    return OneOffInterrupted(one_off_, "was told to start and was not seen to",
                             {absl::StrCat("container: ", name_)});
  }

  void SetCommandDeadline(const ContainerDetails& container) {
    if (!one_off_.has_timeout()) return;
    limit_ = absl::Nanoseconds(TimeUtil::DurationToNanoseconds(one_off_.timeout()));
    const absl::Time start =
        absl::FromUnixNanos(TimeUtil::TimestampToNanoseconds(container.observed.start_time()));
    // The time of day may have been set since: never longer than it had at first.
    deadline_ = SteadyNow() + std::min(limit_, start + limit_ - absl::Now());
  }

  // OK: it has exited, or is gone. Else why it must be ended.
  absl::Status AwaitEnd(ContainerDetails& container) {
    const std::string id = container.observed.id();
    absl::Duration interval = kFirstLook;
    for (;;) {
      auto found = FindContainer(*engine_, id, context_.call);
      gone_ = found.ok() && !found->has_value();
      if (gone_) return absl::OkStatus();
      const bool answered = found.ok();
      if (answered) container = **std::move(found);
      if (HasExited(container)) return absl::OkStatus();
      if (!answered) {
        v1::StepProgress progress;
        progress.set_phase("Docker does not answer; trying again");
        reporter_.Progress(std::move(progress));
        interval = kAskAgain;
      }
      const absl::Duration left = deadline_ - SteadyNow();
      if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("its time is over");
      absl::Status status = context_.call.Wait(std::min(interval, left));
      if (!status.ok()) return status;
      interval = std::min(interval * 1.5, kSlowestLook);
    }
  }

  bool IsLeftToTheNext() const { return context_.worker_ends && context_.worker_ends(); }

  // Until its process is really no more.
  absl::Status Kill(ContainerDetails& container) {
    const std::string id = container.observed.id();
    const Call call = AnotherCall(kKillPatience);
    absl::Status last;
    do {
      last = engine_->KillContainer(id, call.Within(kLastWords));
      auto found = FindContainer(*engine_, id, call.Within(kLastWords));
      gone_ = found.ok() && !found->has_value();
      if (gone_) return absl::OkStatus();
      if (!found.ok()) continue;
      container = **std::move(found);
      if (!IsRunning(container)) return absl::OkStatus();
    } while (call.Wait(kFirstLook).ok());
    return Unended(last);
  }

  absl::Status Unended(const absl::Status& status) const {
    return FailureStatus(v1::STEP_UNKNOWN,
                         absl::StrCat("container ", name_, " could not be ended: it may still run"),
                         {std::string(status.message())});
  }

  absl::Status Gone() const {
    return OneOffInterrupted(one_off_, "was removed before it ended",
                             {absl::StrCat("container: ", name_)});
  }

  absl::Status Finish(OneOffOutput& output) const {
    for (;;) {
      const bool in_time = context_.call.Check().ok();
      absl::Status status = output.Finish(in_time ? context_.call : AnotherCall(kLastWords));
      if (!IsFailure(status, v1::DOCKER_UNREACHABLE) || !in_time) return status;
      context_.call.Wait(kAskAgain).IgnoreError();
    }
  }

  absl::StatusOr<StepOutputs> Result(const absl::Status& stopped,
                                     const ContainerDetails& container) const {
    if (absl::IsCancelled(stopped)) return stopped;
    if (gone_) return Gone();
    const int exit_code = container.observed.exit_code();
    if (stopped.ok() && exit_code == 0) return Success(container);
    const std::vector<std::string> tail = LogTail(*engine_, container.observed.id());
    if (!stopped.ok()) {
      return deadline_ <= SteadyNow() ? OneOffTooSlow(one_off_, limit_, tail) : stopped;
    }
    const auto engine_start = engine_->StartTime(AnotherCall(kLastWords));
    if (WasInterrupted(container, engine_start.value_or(absl::InfinitePast()))) {
      return OneOffInterrupted(one_off_, "was ended from outside", EndEvidence(one_off_, container),
                               tail);
    }
    return OneOffFailed(one_off_, container, tail);
  }

  static StepOutputs Success(const ContainerDetails& container) {
    StepOutputs outputs;
    outputs.mutable_one_off()->set_exit_code(0);
    outputs.set_summary(absl::StrCat("done in ", RunTime(container)));
    return outputs;
  }

  docker::Engine* const engine_;
  const std::string state_directory_;
  const absl::Duration start_patience_;
  const StartedOneOffs started_;
  const RunOneOff& one_off_;
  const StepContext& context_;
  StepReporter& reporter_;
  const std::string name_;
  absl::Duration limit_ = absl::InfiniteDuration();
  absl::Time deadline_ = absl::InfiniteFuture();  // of the command, by the steady clock
  bool gone_ = false;                             // somebody has removed the container
};

class RunOneOffRunner final : public StepRunner {
 public:
  RunOneOffRunner(RunnerEnvironment environment, absl::Duration start_patience)
      : environment_(std::move(environment)), start_patience_(start_patience) {}

  absl::StatusOr<StepOutputs> Run(const worker::v1::StepSpec& spec, const StepContext& context,
                                  StepReporter& reporter) override {
    return OneOffRun(environment_, start_patience_, spec.run_one_off(), context, reporter).Run();
  }

  absl::Status Replay(const worker::v1::StepSpec&, const StepContext& context,
                      StepReporter& reporter) override {
    const auto found = FindContainer(*environment_.engine, OneOffName(context.key), context.call);
    if (!found.ok()) return found.status();
    if (!found->has_value() || !IsOf(context.key, **found)) return absl::OkStatus();
    LogFollower follower(environment_.engine, (*found)->observed.id(), /*since_unix_nanos=*/0,
                         context, &reporter);
    return follower.ReadToEnd(context.call);
  }

 private:
  const RunnerEnvironment environment_;
  const absl::Duration start_patience_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRunOneOffRunner(const RunnerEnvironment& environment,
                                                absl::Duration start_patience) {
  return std::make_unique<RunOneOffRunner>(environment, start_patience);
}

}  // namespace davit::steps
