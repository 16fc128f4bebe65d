#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container_lookup.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

class SetRestartPolicyRunner final : public StepRunner {
 public:
  explicit SetRestartPolicyRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const worker::v1::SetRestartPolicy& wanted = spec.set_restart_policy();
    const absl::Status status =
        engine_->SetRestartPolicy(wanted.container(), wanted.policy(), context.call);
    // One that is gone will not be started again, which is what `no` asks for.
    const bool moot = IsFailure(status, v1::CONTAINER_GONE) && wanted.policy() == "no";
    if (!status.ok() && !moot) return status;
    worker::v1::StepOutputs outputs;
    outputs.set_summary(moot ? "is gone" : absl::StrCat("restart: ", wanted.policy()));
    return outputs;
  }

 private:
  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeSetRestartPolicyRunner(const RunnerEnvironment& environment) {
  return std::make_unique<SetRestartPolicyRunner>(environment.engine);
}

}  // namespace davit::steps
