#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/container/secrets.h"
#include "worker/steps/health/diagnosis.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

class SetRestartPolicyRunner final : public StepRunner {
 public:
  explicit SetRestartPolicyRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const worker::v1::SetRestartPolicy& wanted = spec.set_restart_policy();
    const absl::Status status =
        engine_->SetRestartPolicy(wanted.container(), wanted.policy(), context.call);
    // One that is gone will not be started again, which is what `no` asks for.
    const bool moot = IsFailure(status, v1::CONTAINER_GONE) && wanted.policy() == "no";
    if (!status.ok() && !moot) return status;
    if (wanted.policy() != "no") {
      if (absl::Status up = RequireUp(wanted.container(), context.call, reporter); !up.ok())
        return up;
    }
    worker::v1::StepOutputs outputs;
    outputs.set_summary(moot ? "is gone" : absl::StrCat("restart: ", wanted.policy()));
    return outputs;
  }

 private:
  // Docker starts none again that had ended before it had its policy: what was healthy once is not
  // confirmed when it has ended meanwhile. Looked at afterwards, so that no end is missed.
  absl::Status RequireUp(const std::string& container, const Call& call, StepReporter& reporter) {
    const absl::StatusOr<docker::ContainerDetails> seen =
        engine_->InspectContainer(container, call);
    if (!seen.ok()) return seen.status();
    if (IsRunning(*seen)) return absl::OkStatus();
    const auto ended = engine_->InspectEnded(seen->observed.id(), call);
    v1::Failure failure = DiagnoseStopped(ended.ok() ? *ended : *seen, false, {});
    reporter.ShowsOutputWith(SecretsOfContainer(seen->observed));
    AddLogTail(*engine_, seen->observed.id(), failure);
    return FailureStatus(failure);
  }

  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeSetRestartPolicyRunner(const RunnerEnvironment& environment) {
  return std::make_unique<SetRestartPolicyRunner>(environment.engine);
}

}  // namespace davit::steps
