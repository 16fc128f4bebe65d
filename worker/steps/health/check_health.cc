#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/container/secrets.h"
#include "worker/steps/health/diagnosis.h"
#include "worker/steps/health/log_follower.h"
#include "worker/steps/health/poll_schedule.h"
#include "worker/steps/health/probe.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/elapsed_text.h"

namespace davit::steps {
namespace {

using docker::ContainerDetails;
using worker::v1::StepOutputs;

// How often the container is looked at between probes.
constexpr absl::Duration kLookInterval = absl::Milliseconds(500);
// What a failure needs before the step's own deadline: to look and read a log.
constexpr absl::Duration kReserve = absl::Seconds(5);

// Where the output of this run begins: after the one before. The start's own time
// will not do, for the engine takes it when the first lines may be out already.
int64_t OutputBegin(const ContainerDetails& container) {
  const absl::Time before = container.finished_at;
  return before == absl::InfinitePast() ? 0 : std::max<int64_t>(0, absl::ToUnixNanos(before));
}

int PortOf(const v1::Healthcheck& check) {
  return check.has_http() ? check.http().port() : check.tcp().port();
}

// One run of one check.
class HealthCheck {
 public:
  HealthCheck(docker::Engine* engine, const worker::v1::CheckHealth& spec,
              const StepContext& context, StepReporter* reporter)
      : engine_(engine),
        spec_(spec),
        context_(context),
        reporter_(reporter),
        schedule_(spec.healthcheck()),
        begin_(SteadyNow()),
        deadline_(begin_ + std::min(schedule_.patience(), context.call.Remaining() - kReserve)) {}

  absl::StatusOr<StepOutputs> Run() {
    auto container = engine_->InspectContainer(spec_.container(), context_.call);
    if (!container.ok()) return container.status();
    container_ = *std::move(container);
    reporter_->ShowsOutputWith(SecretsOfContainer(container_.observed));
    first_restart_count_ = container_.restart_count;
    follower_ = std::make_unique<LogFollower>(engine_, container_.observed.id(),
                                              OutputBegin(container_), context_, reporter_);
    probe_ = MakeProbe(spec_.healthcheck(), container_, engine_);
    history_.asked = probe_->Describe(container_);
    absl::Status status = CheckState();
    if (status.ok()) status = WaitAndWatch(schedule_.start_delay());
    if (status.ok()) status = ProbeUntilHealthy();
    if (!status.ok()) return status;
    StepOutputs outputs;
    outputs.set_summary(absl::StrCat("healthy after ", ElapsedText(SteadyNow() - begin_)));
    return outputs;
  }

 private:
  absl::Status ProbeUntilHealthy() {
    for (int streak = 0;;) {
      ProbeResult result = ProbeOnce();
      streak = result.healthy ? streak + 1 : 0;
      if (streak >= schedule_.successes()) return Look();
      if (absl::Status status = context_.call.Check(); !status.ok()) return status;
      const bool over = result.final || SteadyNow() >= deadline_;
      history_.last = std::move(result);
      if (absl::Status status = Look(); !status.ok()) return status;
      if (over) return Unhealthy();
      const absl::Duration pause = std::min(schedule_.NextPause(), deadline_ - SteadyNow());
      if (absl::Status status = WaitAndWatch(pause); !status.ok()) return status;
    }
  }

  ProbeResult ProbeOnce() {
    // The address may be another one after a restart.
    history_.asked = probe_->Describe(container_);
    ProbeResult result = probe_->Run(container_, context_.call.Within(schedule_.probe_timeout()));
    ++history_.probes;
    // The phase counts by itself: nothing is left to count beside it.
    v1::StepProgress progress;
    progress.set_phase(absl::StrCat("probe ", AttemptNow(), " of ", schedule_.attempts(), ": ",
                                    result.healthy ? "healthy" : result.summary));
    reporter_->Progress(std::move(progress));
    return result;
  }

  // Which of the declared attempts the time that has passed amounts to.
  int AttemptNow() const {
    const absl::Duration probing = SteadyNow() - begin_ - schedule_.start_delay();
    const double intervals = absl::FDivDuration(probing, schedule_.interval());
    return std::clamp(static_cast<int>(intervals) + 1, 1, schedule_.attempts());
  }

  absl::Status WaitAndWatch(absl::Duration duration) {
    const absl::Time until = SteadyNow() + duration;
    while (SteadyNow() < until) {
      const absl::Duration slice = std::min(kLookInterval, until - SteadyNow());
      if (absl::Status status = context_.call.Wait(slice); !status.ok()) return status;
      if (absl::Status status = Look(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Looks at the container and passes its output on.
  absl::Status Look() {
    auto container = engine_->InspectContainer(container_.observed.id(), context_.call);
    if (!container.ok()) return container.status();
    container_ = *std::move(container);
    follower_->Poll(context_.call);
    return CheckState();
  }

  absl::Status CheckState() {
    const std::string& state = container_.observed.state();
    const bool restarting =
        state == "restarting" || container_.restart_count > first_restart_count_;
    const bool stopped = state == "exited" || state == "dead" || state == "created";
    if (!restarting && !stopped) return absl::OkStatus();
    auto ended = engine_->InspectEnded(container_.observed.id(), context_.call);
    if (ended.ok()) container_ = *std::move(ended);
    history_.elapsed = SteadyNow() - begin_;
    return WithLogTail(DiagnoseStopped(container_, restarting, history_));
  }

  absl::Status Unhealthy() {
    history_.elapsed = SteadyNow() - begin_;
    v1::Failure failure = DiagnoseUnhealthy(container_, history_);
    if (failure.code() == v1::HEALTH_REFUSED) {
      if (const auto pid = FindContainerProcess(container_.observed.id())) {
        AddListeners(ListeningSockets(absl::StrCat(*pid), "tcp"), PortOf(spec_.healthcheck()),
                     failure);
      }
    }
    return WithLogTail(std::move(failure));
  }

  absl::Status WithLogTail(v1::Failure failure) {
    follower_->Poll(context_.call);
    AddLogTail(*engine_, container_.observed.id(), failure);
    return FailureStatus(failure);
  }

  docker::Engine* const engine_;
  const worker::v1::CheckHealth& spec_;
  const StepContext& context_;
  StepReporter* const reporter_;
  PollSchedule schedule_;
  const absl::Time begin_;      // by the steady clock
  const absl::Time deadline_;   // by the steady clock
  ContainerDetails container_;  // as it was last seen
  int first_restart_count_ = 0;
  std::unique_ptr<LogFollower> follower_;
  std::unique_ptr<Probe> probe_;
  CheckHistory history_;
};

// Only looks: after a restart it looks again from the beginning.
class CheckHealthRunner final : public StepRunner {
 public:
  explicit CheckHealthRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<StepOutputs> Run(const worker::v1::StepSpec& spec, const StepContext& context,
                                  StepReporter& reporter) override {
    return HealthCheck(engine_, spec.check_health(), context, &reporter).Run();
  }

 private:
  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeCheckHealthRunner(const RunnerEnvironment& environment) {
  return std::make_unique<CheckHealthRunner>(environment.engine);
}

}  // namespace davit::steps
