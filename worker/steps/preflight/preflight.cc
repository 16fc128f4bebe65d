#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/image/platform.h"
#include "worker/steps/preflight/access_check.h"
#include "worker/steps/preflight/findings.h"
#include "worker/steps/preflight/port_check.h"
#include "worker/steps/resources/host_directory.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::ObservedContainer;
using worker::v1::Preflight;

constexpr int64_t kLeastFreeBytes = 256 << 20;

void CheckDisk(const docker::EngineInfo& info, Findings& findings) {
  const auto free = FreeBytes(info.data_root);
  if (!free.has_value() || *free >= kLeastFreeBytes) return;
  findings.Add(FailureStatus(
      v1::DISK_FULL,
      absl::StrCat("only ", FormatBytes(*free), " are free where Docker ", "keeps its data"),
      {absl::StrCat("directory: ", info.data_root),
       absl::StrCat("wanted: ", FormatBytes(kLeastFreeBytes))}));
}

void CheckMounts(const Preflight& preflight, Findings& findings) {
  std::set<std::string> seen;
  for (const ContainerSpec& container : preflight.containers()) {
    for (const worker::v1::Mount& mount : container.mounts()) {
      if (!IsBind(mount) || !seen.insert(mount.source()).second) continue;
      findings.Add(CheckMountSource(mount.source()));
    }
  }
}

// The service's name must be free or about to be given up, and so must be the
// name that the old container is kept under.
void CheckNames(const Preflight& preflight, const std::string& deployment_id,
                const std::vector<ObservedContainer>& containers, Findings& findings) {
  const auto& replaced = preflight.replaced_container_ids();
  for (const ContainerSpec& spec : preflight.containers()) {
    const std::string kept = absl::StrCat(spec.service_name(), "-replaced-", deployment_id);
    for (const ObservedContainer& container : containers) {
      const bool leaves =
          std::find(replaced.begin(), replaced.end(), container.id()) != replaced.end();
      if (container.name() != kept && (container.name() != spec.service_name() || leaves)) continue;
      findings.Add(FailureStatus(v1::NAME_IN_USE,
                                 absl::StrCat("the name ", container.name(), " is taken"),
                                 {absl::StrCat("by container ", Describe(container))}));
    }
  }
}

class PreflightRunner final : public StepRunner {
 public:
  explicit PreflightRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine), access_(environment.engine, environment.state_directory) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const Preflight& preflight = spec.preflight();
    const auto info = engine_->RecentInfo(context.call);
    if (!info.ok()) return info.status();
    const auto containers = engine_->ListContainers({}, context.call);
    if (!containers.ok()) return containers.status();
    Findings findings;
    CheckPorts(preflight, context.key, *containers, findings);
    CheckDisk(*info, findings);
    const auto runnable = CheckImages(preflight, *info, context.call, findings);
    CheckMounts(preflight, findings);
    CheckNames(preflight, context.key.deployment_id(), *containers, findings);
    std::vector<std::string> notes = access_.Run(runnable, context.call, findings);
    if (absl::Status status = context.call.Check(); !status.ok()) return status;
    if (absl::Status status = findings.ToStatus(); !status.ok()) return status;
    notes.insert(notes.begin(), "ports, disk, images, mounts and names are fine");
    worker::v1::StepOutputs outputs;
    outputs.set_summary(absl::StrJoin(notes, "; "));
    return outputs;
  }

 private:
  // Those whose image can be run here.
  std::vector<PlannedContainer> CheckImages(const Preflight& preflight,
                                            const docker::EngineInfo& info, const Call& call,
                                            Findings& findings) const {
    std::vector<PlannedContainer> runnable;
    for (const ContainerSpec& container : preflight.containers()) {
      const auto image = engine_->InspectImage(container.image(), call);
      const absl::Status status =
          image.ok() ? CheckPlatform(container.image(), *image, info) : image.status();
      findings.Add(status);
      if (!status.ok()) continue;
      runnable.push_back({&container, container.user().empty() ? image->user : container.user()});
    }
    return runnable;
  }

  docker::Engine* const engine_;
  const AccessCheck access_;
};

}  // namespace

std::unique_ptr<StepRunner> MakePreflightRunner(const RunnerEnvironment& environment) {
  return std::make_unique<PreflightRunner>(environment);
}

}  // namespace davit::steps
