#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container_lookup.h"
#include "worker/steps/health/log_follower.h"
#include "worker/steps/one_off_container.h"
#include "worker/steps/one_off_end.h"
#include "worker/steps/one_off_output.h"
#include "worker/steps/one_off_record.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using google::protobuf::util::TimeUtil;
using worker::v1::RunOneOff;
using worker::v1::StepOutputs;

constexpr absl::Duration kSlowestLook = absl::Milliseconds(500);
constexpr absl::Duration kAskAgain = absl::Milliseconds(500);

// One step: its container, its output, and what its end means. A container that went
// on without its worker is taken up where it is.
class OneOffRun {
 public:
  OneOffRun(const RunnerEnvironment& environment, absl::Duration start_patience,
            const RunOneOff& one_off, const StepContext& context, StepReporter& reporter)
      : engine_(environment.engine),
        one_off_(one_off),
        context_(context),
        reporter_(reporter),
        container_(environment, start_patience, one_off, context) {}

  absl::StatusOr<StepOutputs> Run() {
    if (absl::Status status = container_.Begin(); !status.ok()) return status;
    OneOffOutput output(engine_, container_.id(), context_, &reporter_);
    SetCommandDeadline();
    absl::Status stopped = AwaitEnd();
    if (!stopped.ok()) {
      if (container_.IsLeftToTheNext()) return stopped;
      const auto there = container_.Kill();
      if (!there.ok()) return there.status();
      removed_ = !*there;
    }
    // All output is reported before the result is.
    absl::Status read = Finish(output);
    if (!read.ok() && container_.IsLeftToTheNext()) return read;
    return Result(stopped);
  }

 private:
  void SetCommandDeadline() {
    if (!one_off_.has_timeout()) return;
    limit_ = absl::Nanoseconds(TimeUtil::DurationToNanoseconds(one_off_.timeout()));
    const absl::Time start = absl::FromUnixNanos(
        TimeUtil::TimestampToNanoseconds(container_.details().observed.start_time()));
    // The time of day may have been set since: never longer than it had at first.
    deadline_ = SteadyNow() + std::min(limit_, start + limit_ - absl::Now());
  }

  // OK: it has exited, or is gone. Else why it must be ended. Docker may be away
  // meanwhile: what runs does not end for it.
  absl::Status AwaitEnd() {
    absl::Duration interval = kFirstLook;
    for (;;) {
      const auto there = container_.Look(context_.call);
      removed_ = there.ok() && !*there;
      if (removed_ || container_.HasExited()) return absl::OkStatus();
      if (!there.ok()) {
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

  absl::Status Finish(OneOffOutput& output) const {
    for (;;) {
      const bool in_time = context_.call.Check().ok();
      absl::Status status = output.Finish(in_time ? context_.call : AnotherCall(kLastWords));
      if (!IsFailure(status, v1::DOCKER_UNREACHABLE) || !in_time) return status;
      context_.call.Wait(kAskAgain).IgnoreError();
    }
  }

  absl::StatusOr<StepOutputs> Result(const absl::Status& stopped) const {
    if (absl::IsCancelled(stopped)) return stopped;
    if (removed_) return container_.WasRemoved();
    if (stopped.ok() && container_.details().observed.exit_code() == 0) return Success();
    const std::vector<std::string> tail = LogTail(*engine_, container_.id());
    if (!stopped.ok()) {
      return deadline_ <= SteadyNow() ? OneOffTooSlow(one_off_, limit_, tail) : stopped;
    }
    const auto looked = engine_->InspectEnded(container_.id(), AnotherCall(kLastWords));
    const docker::ContainerDetails& ended = looked.ok() ? *looked : container_.details();
    const auto engine_start = engine_->StartTime(AnotherCall(kLastWords));
    if (WasInterrupted(ended, engine_start.value_or(absl::InfinitePast()))) {
      return OneOffInterrupted(one_off_, "was ended from outside", EndEvidence(one_off_, ended),
                               tail);
    }
    return OneOffFailed(one_off_, ended, tail);
  }

  StepOutputs Success() const {
    StepOutputs outputs;
    outputs.mutable_one_off()->set_exit_code(0);
    outputs.set_summary(absl::StrCat("done in ", RunTime(container_.details())));
    return outputs;
  }

  docker::Engine* const engine_;
  const RunOneOff& one_off_;
  const StepContext& context_;
  StepReporter& reporter_;
  OneOffContainer container_;
  absl::Duration limit_ = absl::InfiniteDuration();
  absl::Time deadline_ = absl::InfiniteFuture();  // of the command, by the steady clock
  bool removed_ = false;                          // by somebody else
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
