#include "worker/steps/files/release_files.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

// What is gone already stays gone, so it may be run again.
class RemoveFilesRunner final : public StepRunner {
 public:
  explicit RemoveFilesRunner(const RunnerEnvironment& environment)
      : files_(environment.state_directory) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec, const StepContext&,
                                              StepReporter&) override {
    absl::Status status = files_.Remove(spec.remove_files().files_directory());
    if (!status.ok()) return status;
    worker::v1::StepOutputs outputs;
    outputs.set_summary("the release's files are removed");
    return outputs;
  }

 private:
  const ReleaseFiles files_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRemoveFilesRunner(const RunnerEnvironment& environment) {
  return std::make_unique<RemoveFilesRunner>(environment);
}

}  // namespace davit::steps
