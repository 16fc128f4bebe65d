#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container/inputs.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/container/start_failure.h"
#include "worker/steps/container/unfinished_stop.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using docker::ContainerDetails;
using worker::v1::PutBack;
using worker::v1::StepOutputs;

// Name, policy, start: each is left alone where it is right already, so that the
// step may be run again. The policy comes before the start: a container that runs and
// has it was started by this step, or was never told to stop.
class PutBackRunner final : public StepRunner {
 public:
  explicit PutBackRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine), state_directory_(environment.state_directory) {}

  absl::StatusOr<StepOutputs> Run(const worker::v1::StepSpec& spec, const StepContext& context,
                                  StepReporter&) override {
    const PutBack& put_back = spec.put_back();
    bool made_anew = false;
    auto container = Obtain(put_back, context, made_anew);
    if (!container.ok()) return container.status();
    const bool stopping = put_back.was_running() && MayBeStopping(*container);
    if (stopping) container = ObtainStopped(put_back, *container, context, made_anew);
    if (!container.ok()) return container.status();
    if (absl::Status status = Restore(put_back, *container, context.call); !status.ok()) {
      return status;
    }
    StepOutputs outputs;
    outputs.mutable_container()->set_container_id(container->observed.id());
    outputs.mutable_container()->set_image_id(container->observed.image_id());
    outputs.set_summary(absl::StrCat(made_anew ? "made anew" : "put back",
                                     put_back.was_running() ? " and started" : "",
                                     stopping ? " once its stop was over" : ""));
    return outputs;
  }

 private:
  // What serves must have been started after the stop, and not be about to end by it.
  absl::StatusOr<ContainerDetails> ObtainStopped(const PutBack& put_back,
                                                 const ContainerDetails& container,
                                                 const StepContext& context,
                                                 bool& made_anew) const {
    const bool removed = container.observed.auto_remove();
    // One that would be gone for good is not ended without need.
    const bool irreplaceable = removed && !put_back.has_record();
    absl::Status status = irreplaceable ? AwaitStop(*engine_, container, context.call)
                                        : EndStop(*engine_, container, context.call);
    // Until Docker has done so itself.
    if (status.ok() && removed && !irreplaceable) {
      status = engine_->RemoveContainer(container.observed.id(), context.call);
    }
    if (!status.ok()) return status;
    return Obtain(put_back, context, made_anew);
  }

  absl::StatusOr<ContainerDetails> Obtain(const PutBack& put_back, const StepContext& context,
                                          bool& made_anew) const {
    auto kept = FindContainer(*engine_, put_back.container_id(), context.call);
    if (!kept.ok()) return kept.status();
    if (kept->has_value()) return **std::move(kept);
    made_anew = true;
    auto made = FindMadeAnew(put_back, context);
    if (!made.ok()) return made.status();
    if (made->has_value()) return **std::move(made);
    return MakeAnew(put_back, context);
  }

  // What an earlier run of this step has made.
  absl::StatusOr<std::optional<ContainerDetails>> FindMadeAnew(const PutBack& put_back,
                                                               const StepContext& context) const {
    auto found = FindContainer(*engine_, put_back.name(), context.call);
    if (!found.ok() || !found->has_value()) return found;
    const auto& labels = (*found)->observed.labels();
    const auto label = labels.find(kStepLabel);
    if (label != labels.end() && label->second == context.key.step_id()) return found;
    return FailureStatus(v1::NAME_IN_USE, absl::StrCat("the name ", put_back.name(), " is taken"),
                         {absl::StrCat("by container ", Describe((*found)->observed))});
  }

  absl::StatusOr<ContainerDetails> MakeAnew(const PutBack& put_back,
                                            const StepContext& context) const {
    if (!put_back.has_record()) {
      return FailureStatus(v1::CONTAINER_GONE,
                           absl::StrCat("the container ", put_back.name(),
                                        " is gone, and there is no record to make it from"),
                           {absl::StrCat("container id: ", put_back.container_id())});
    }
    auto record = WithInputs(put_back.record(), context.secrets, state_directory_);
    if (!record.ok()) return record.status();
    (*record->mutable_labels())[kStepLabel] = context.key.step_id();
    const auto id = engine_->CreateContainer(put_back.name(), *record, "no", context.call);
    if (!id.ok()) return id.status();
    return engine_->InspectContainer(*id, context.call);
  }

  absl::Status Restore(const PutBack& put_back, const ContainerDetails& container,
                       const Call& call) const {
    const worker::v1::ObservedContainer& observed = container.observed;
    if (observed.name() != put_back.name()) {
      absl::Status status = engine_->RenameContainer(observed.id(), put_back.name(), call);
      if (!status.ok()) return status;
    }
    if (!put_back.restart_policy().empty() && !observed.auto_remove() &&
        observed.restart_policy() != put_back.restart_policy()) {
      absl::Status status =
          engine_->SetRestartPolicy(observed.id(), put_back.restart_policy(), call);
      if (!status.ok()) return status;
    }
    if (!put_back.was_running() || IsRunning(container)) return absl::OkStatus();
    const absl::Status status = engine_->StartContainer(observed.id(), call, put_back.name());
    if (status.ok()) return status;
    return ExplainStartFailure(*engine_, status, put_back.name(), put_back.record(), call);
  }

  docker::Engine* const engine_;
  const std::string state_directory_;
};

}  // namespace

std::unique_ptr<StepRunner> MakePutBackRunner(const RunnerEnvironment& environment) {
  return std::make_unique<PutBackRunner>(environment);
}

}  // namespace davit::steps
