#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

// The label alone proves nothing: an image that was committed from a container
// hands its labels on. So the candidate has the name as well; what has only one
// of the two is not touched.
class RemoveContainerRunner final : public StepRunner {
 public:
  explicit RemoveContainerRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const worker::v1::RemoveContainer& remove = spec.remove_container();
    if (remove.starting_step_id().empty()) {
      return FailureStatus(v1::SPEC_INVALID, "the step that started the container is not named");
    }
    if (remove.candidate_name().empty()) {
      return FailureStatus(v1::SPEC_INVALID, "the container is not named");
    }
    const auto containers =
        engine_->ListContainers({{kStepLabel, remove.starting_step_id()}}, context.call);
    if (!containers.ok()) return containers.status();
    const absl::Duration grace = absl::Nanoseconds(
        google::protobuf::util::TimeUtil::DurationToNanoseconds(remove.grace_period()));
    worker::v1::StepOutputs outputs;
    std::vector<std::string> others;
    for (const worker::v1::ObservedContainer& container : *containers) {
      if (container.name() != remove.candidate_name()) {
        others.push_back(Describe(container));
        continue;
      }
      absl::Status status = Remove(container.id(), grace, context.call);
      if (!status.ok()) return status;
      outputs.set_summary("removed");
    }
    if (outputs.summary().empty()) outputs.set_summary(NotThere(others));
    return outputs;
  }

 private:
  static std::string NotThere(const std::vector<std::string>& others) {
    if (others.empty()) return "was not there";
    return absl::StrCat("was not there; left alone, of another name: ",
                        absl::StrJoin(others, ", "));
  }

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
