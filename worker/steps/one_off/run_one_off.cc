#include <utility>

#include "worker/steps/one_off/run.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

class RunOneOffRunner final : public StepRunner {
 public:
  RunOneOffRunner(RunnerEnvironment environment, absl::Duration start_patience)
      : environment_(std::move(environment)), start_patience_(start_patience) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    return OneOffRun(environment_, start_patience_, spec.run_one_off(), context, reporter).Run();
  }

  absl::Status Replay(const worker::v1::StepSpec&, const StepContext& context,
                      StepReporter& reporter) override {
    return ReplayOneOff(*environment_.engine, context, reporter);
  }

 private:
  const RunnerEnvironment environment_;
  const absl::Duration start_patience_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRunOneOffRunner(const RunnerEnvironment& environment,
                                                absl::Duration start_patience) {
  return std::make_unique<RunOneOffRunner>(environment, start_patience);
}

}  // namespace davit::steps
