#include "worker/steps/patient_runner.h"

#include <utility>

#include "common/failure/failure.h"

namespace davit::steps {
namespace {

using worker::v1::StepOutputs;
using worker::v1::StepSpec;

constexpr absl::Duration kPause = absl::Milliseconds(500);

class PatientRunner final : public StepRunner {
 public:
  explicit PatientRunner(std::unique_ptr<StepRunner> inner) : inner_(std::move(inner)) {}

  absl::StatusOr<StepOutputs> Run(const StepSpec& spec, const StepContext& context,
                                  StepReporter& reporter) override {
    StepContext again = context;
    for (;;) {
      absl::StatusOr<StepOutputs> result = inner_->Run(spec, again, reporter);
      if (!IsFailure(result.status(), v1::DOCKER_UNREACHABLE)) return result;
      v1::StepProgress progress;
      progress.set_phase("Docker does not answer; trying again");
      reporter.Progress(std::move(progress));
      if (const absl::Status wait = context.call.Wait(kPause); !wait.ok()) {
        return absl::IsCancelled(wait) ? wait : result.status();
      }
      again.resumed = true;
    }
  }

 private:
  const std::unique_ptr<StepRunner> inner_;
};

}  // namespace

std::unique_ptr<StepRunner> MakePatient(std::unique_ptr<StepRunner> inner) {
  return std::make_unique<PatientRunner>(std::move(inner));
}

}  // namespace davit::steps
