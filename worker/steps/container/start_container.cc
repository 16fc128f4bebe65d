#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/steps/container/inputs.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/container/start_failure.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using docker::ContainerDetails;
using worker::v1::StartContainer;
using worker::v1::StepOutputs;

// Starting a container that has exited would run it a second time, so one is
// started only when it never was. Whether it stays up is the health check's
// question: one that has exited by now counts as started.
class StartContainerRunner final : public StepRunner {
 public:
  explicit StartContainerRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine), state_directory_(environment.state_directory) {}

  absl::StatusOr<StepOutputs> Run(const worker::v1::StepSpec& spec, const StepContext& context,
                                  StepReporter&) override {
    const StartContainer& start = spec.start_container();
    auto container = Obtain(start, context);
    if (!container.ok()) return container.status();
    if (!WasStarted(*container)) {
      absl::Status status = Start(start, container->observed.id(), context.call);
      if (!status.ok()) return status;
    }
    StepOutputs outputs;
    outputs.mutable_container()->set_container_id(container->observed.id());
    outputs.mutable_container()->set_image_id(container->observed.image_id());
    outputs.set_summary(absl::StrCat("container ", container->observed.id().substr(0, 12)));
    return outputs;
  }

 private:
  // The container of this step: one that an earlier run of it has made, or a new one.
  absl::StatusOr<ContainerDetails> Obtain(const StartContainer& start,
                                          const StepContext& context) const {
    auto found = FindContainer(*engine_, start.candidate_name(), context.call);
    if (!found.ok()) return found.status();
    if (found->has_value()) {
      const auto& labels = (*found)->observed.labels();
      const auto label = labels.find(kStepLabel);
      if (label != labels.end() && label->second == context.key.step_id()) return **found;
      return FailureStatus(
          v1::NAME_IN_USE, absl::StrCat("a container ", start.candidate_name(), " exists already"),
          {absl::StrCat("it is ", Describe((*found)->observed), ", and not of this step")});
    }
    auto spec = WithInputs(start.container(), context.secrets, state_directory_);
    if (!spec.ok()) return spec.status();
    (*spec->mutable_labels())[kStepLabel] = context.key.step_id();
    const auto id = engine_->CreateContainer(start.candidate_name(), *spec, "no", context.call);
    if (!id.ok()) {
      return ExplainStartFailure(*engine_, id.status(), start.candidate_name(), start.container(),
                                 context.call);
    }
    return engine_->InspectContainer(*id, context.call);
  }

  absl::Status Start(const StartContainer& start, const std::string& id, const Call& call) const {
    const absl::Status status = engine_->StartContainer(id, call, start.container().service_name());
    if (status.ok()) return status;
    // The answer may have been lost on its way: only look, never start again.
    const Call look{.cancel = call.cancel, .steady_deadline = SteadyNow() + absl::Seconds(3)};
    const auto container = engine_->InspectContainer(id, look);
    if (container.ok() && WasStarted(*container)) return absl::OkStatus();
    return ExplainStartFailure(*engine_, status, start.candidate_name(), start.container(), call);
  }

  docker::Engine* const engine_;
  const std::string state_directory_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeStartContainerRunner(const RunnerEnvironment& environment) {
  return std::make_unique<StartContainerRunner>(environment);
}

}  // namespace davit::steps
