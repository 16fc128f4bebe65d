#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/elapsed_text.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kDefaultGrace = absl::Seconds(10);
constexpr int kKilledExitCode = 137;

absl::Duration GraceOf(const worker::v1::StopContainer& stop,
                       const docker::ContainerDetails& container) {
  using google::protobuf::util::TimeUtil;
  if (stop.has_grace_period()) {
    return absl::Nanoseconds(TimeUtil::DurationToNanoseconds(stop.grace_period()));
  }
  if (container.observed.has_stop_timeout()) {
    return absl::Nanoseconds(TimeUtil::DurationToNanoseconds(container.observed.stop_timeout()));
  }
  return kDefaultGrace;
}

// A container that is gone is stopped.
class StopContainerRunner final : public StepRunner {
 public:
  explicit StopContainerRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const worker::v1::StopContainer& stop = spec.stop_container();
    const auto container = FindContainer(*engine_, stop.container_id(), context.call);
    if (!container.ok()) return container.status();
    worker::v1::StepOutputs outputs;
    if (!container->has_value()) {
      outputs.set_summary("was gone already");
      return outputs;
    }
    if (absl::Status status = ForbidRestarts(**container, context.call); !status.ok()) {
      return status;
    }
    auto summary = Stop(**container, GraceOf(stop, **container), context.call);
    if (!summary.ok()) return summary.status();
    outputs.set_summary(*std::move(summary));
    return outputs;
  }

 private:
  // How it ended.
  absl::StatusOr<std::string> Stop(const docker::ContainerDetails& container, absl::Duration grace,
                                   const Call& call) const {
    const absl::Time begin = SteadyNow();
    const absl::Status status = engine_->StopContainer(container.observed.id(), grace, call);
    if (!status.ok() && !IsFailure(status, v1::CONTAINER_GONE)) return status;
    const absl::Duration elapsed = SteadyNow() - begin;
    if (IsRunning(container) && elapsed >= grace && WasKilled(container, call)) {
      return absl::StrCat("did not stop within ", absl::FormatDuration(grace), ": killed");
    }
    return absl::StrCat("stopped in ", ElapsedText(elapsed));
  }

  // What cannot be told counts as no: the container has stopped all the same.
  bool WasKilled(const docker::ContainerDetails& container, const Call& call) const {
    const auto now = engine_->InspectContainer(container.observed.id(), call);
    return now.ok() && now->observed.exit_code() == kKilledExitCode;
  }

  // First of all: a restart of the engine must not start it again and take the port.
  absl::Status ForbidRestarts(const docker::ContainerDetails& container, const Call& call) const {
    // The engine refuses to give a container a policy that it removes when it stops.
    if (container.observed.auto_remove()) return absl::OkStatus();
    const absl::Status status = engine_->SetRestartPolicy(container.observed.id(), "no", call);
    return IsFailure(status, v1::CONTAINER_GONE) ? absl::OkStatus() : status;
  }

  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeStopContainerRunner(const RunnerEnvironment& environment) {
  return std::make_unique<StopContainerRunner>(environment.engine);
}

}  // namespace davit::steps
