#include "absl/strings/str_cat.h"
#include "worker/steps/counted.h"
#include "worker/steps/disk_space.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

class ObserveRunner final : public StepRunner {
 public:
  explicit ObserveRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec&,
                                              const StepContext& context, StepReporter&) override {
    const auto info = engine_->Info(context.call);
    if (!info.ok()) return info.status();
    const auto containers = engine_->ListContainers({}, context.call);
    if (!containers.ok()) return containers.status();
    const auto networks = engine_->ListNetworks(context.call);
    if (!networks.ok()) return networks.status();

    worker::v1::StepOutputs outputs;
    worker::v1::HostObservation& host = *outputs.mutable_observe();
    host.set_docker_version(info->version);
    host.set_os(info->os);
    host.set_architecture(info->architecture);
    host.set_disk_free_bytes(FreeBytes(info->data_root).value_or(0));
    *host.mutable_containers() = {containers->begin(), containers->end()};
    *host.mutable_networks() = {networks->begin(), networks->end()};
    outputs.set_summary(absl::StrCat("Docker ", info->version, ", ",
                                     Counted(containers->size(), "container", "containers")));
    return outputs;
  }

 private:
  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeObserveRunner(const RunnerEnvironment& environment) {
  return std::make_unique<ObserveRunner>(environment.engine);
}

}  // namespace davit::steps
