#include "worker/steps/one_off/run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/health/log_follower.h"
#include "worker/steps/one_off/end.h"
#include "worker/steps/one_off/said.h"

namespace davit::steps {
namespace {

using google::protobuf::util::TimeUtil;
using worker::v1::RunOneOff;
using worker::v1::StepOutputs;

constexpr absl::Duration kSlowestLook = absl::Milliseconds(500);
constexpr absl::Duration kAskAgain = absl::Milliseconds(500);

}  // namespace

OneOffRun::OneOffRun(const RunnerEnvironment& environment, absl::Duration start_patience,
                     const RunOneOff& one_off, const StepContext& context, StepReporter& reporter)
    : engine_(environment.engine),
      one_off_(one_off),
      context_(context),
      reporter_(reporter),
      container_(environment, start_patience, one_off, context) {}

absl::StatusOr<StepOutputs> OneOffRun::Run() {
  if (absl::Status status = container_.Begin(prepare_); !status.ok()) return status;
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

void OneOffRun::SetCommandDeadline() {
  if (!one_off_.has_timeout()) return;
  limit_ = absl::Nanoseconds(TimeUtil::DurationToNanoseconds(one_off_.timeout()));
  const absl::Time start = absl::FromUnixNanos(
      TimeUtil::TimestampToNanoseconds(container_.details().observed.start_time()));
  // The time of day may have been set since: never longer than it had at first.
  deadline_ = SteadyNow() + std::min(limit_, start + limit_ - absl::Now());
}

// OK: it has exited, or is gone. Else why it must be ended. Docker may be away
// meanwhile: what runs does not end for it.
absl::Status OneOffRun::AwaitEnd() {
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

absl::Status OneOffRun::Finish(OneOffOutput& output) const {
  for (;;) {
    const bool in_time = context_.call.Check().ok();
    absl::Status status = output.Finish(in_time ? context_.call : AnotherCall(kLastWords));
    if (!IsFailure(status, v1::DOCKER_UNREACHABLE) || !in_time) return status;
    context_.call.Wait(kAskAgain).IgnoreError();
  }
}

absl::StatusOr<StepOutputs> OneOffRun::Result(const absl::Status& stopped) const {
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
  return AfterFailure(ended);
}

// What it has said may make it a success: its own doing alone, not what killed it.
absl::StatusOr<StepOutputs> OneOffRun::AfterFailure(const docker::ContainerDetails& ended) const {
  if (!ended.oom_killed && !one_off_.succeed_on().empty()) {
    const auto said = FindSaid(*engine_, container_.id(),
                               {one_off_.succeed_on().begin(), one_off_.succeed_on().end()});
    if (!said.ok()) return OneOffUnread(one_off_, said.status());
    if (!said->empty()) return OneOffDoneAlready(ended, *said);
  }
  return OneOffFailed(one_off_, ended, LogTail(*engine_, container_.id()));
}

StepOutputs OneOffRun::Success() const {
  StepOutputs outputs;
  outputs.mutable_one_off()->set_exit_code(0);
  outputs.set_summary(absl::StrCat("done in ", RunTime(container_.details())));
  return outputs;
}

absl::Status ReplayOneOff(docker::Engine& engine, const StepContext& context,
                          StepReporter& reporter) {
  const auto found = FindContainer(engine, OneOffName(context.key), context.call);
  if (!found.ok()) return found.status();
  if (!found->has_value() || !IsOf(context.key, **found)) return absl::OkStatus();
  LogFollower follower(&engine, (*found)->observed.id(), /*since_unix_nanos=*/0, context,
                       &reporter);
  return follower.ReadToEnd(context.call);
}

}  // namespace davit::steps
