#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/host/own_settings.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

// Every container of Davit's has it.
constexpr char kAppLabel[] = "davit.app";

class ObserveRunner final : public StepRunner {
 public:
  explicit ObserveRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const auto info = engine_->RecentInfo(context.call);
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
    for (worker::v1::ObservedContainer& container : *host.mutable_containers()) {
      if (!AsksForSettings(spec.observe(), container)) continue;
      if (absl::Status status = AddSettings(container, context.call); !status.ok()) return status;
    }
    *host.mutable_networks() = {networks->begin(), networks->end()};
    outputs.set_summary(absl::StrCat("Docker ", info->version, ", ",
                                     Counted(containers->size(), "container", "containers")));
    return outputs;
  }

 private:
  static bool AsksForSettings(const worker::v1::Observe& observe,
                              const worker::v1::ObservedContainer& container) {
    const auto& names = observe.settings_of();
    return !container.labels().contains(kAppLabel) &&
           std::find(names.begin(), names.end(), container.name()) != names.end();
  }

  // Neither the container nor its image need be there any more.
  absl::Status AddSettings(worker::v1::ObservedContainer& container, const Call& call) const {
    const auto details = FindContainer(*engine_, container.id(), call);
    if (!details.ok()) return details.status();
    if (!details->has_value()) return absl::OkStatus();
    const auto image = engine_->InspectImage(container.image_id(), call);
    if (!image.ok() && !IsFailure(image.status(), v1::IMAGE_NOT_FOUND)) return image.status();
    *container.mutable_settings() =
        OwnSettings(**details, image.ok() ? *image : docker::ImageDetails());
    return absl::OkStatus();
  }

  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeObserveRunner(const RunnerEnvironment& environment) {
  return std::make_unique<ObserveRunner>(environment.engine);
}

}  // namespace davit::steps
