#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container_lookup.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

// Found by its label, whatever name it has by now; another container of that
// name is not touched.
class RemoveContainerRunner final : public StepRunner {
 public:
  explicit RemoveContainerRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const worker::v1::RemoveContainer& remove = spec.remove_container();
    if (remove.starting_step_id().empty()) {
      return FailureStatus(v1::SPEC_INVALID, "the step that started the container is not named");
    }
    const auto containers =
        engine_->ListContainers({{kStepLabel, remove.starting_step_id()}}, context.call);
    if (!containers.ok()) return containers.status();
    const absl::Duration grace = absl::Nanoseconds(
        google::protobuf::util::TimeUtil::DurationToNanoseconds(remove.grace_period()));
    for (const worker::v1::ObservedContainer& container : *containers) {
      absl::Status status = Remove(container.id(), grace, context.call);
      if (!status.ok()) return status;
    }
    worker::v1::StepOutputs outputs;
    outputs.set_summary(containers->empty() ? "was not there" : "removed");
    return outputs;
  }

 private:
  absl::Status Remove(const std::string& id, absl::Duration grace, const Call& call) const {
    const absl::Status stopped = engine_->StopContainer(id, grace, call);
    // Removing kills what would not stop; only a call that has ended ends here.
    if (absl::Status status = call.Check(); !status.ok()) return status;
    if (IsFailure(stopped, v1::CONTAINER_GONE)) return absl::OkStatus();
    return engine_->RemoveContainer(id, call);
  }

  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRemoveContainerRunner(const RunnerEnvironment& environment) {
  return std::make_unique<RemoveContainerRunner>(environment.engine);
}

}  // namespace davit::steps
