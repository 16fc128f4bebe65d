#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/resources/created_record.h"
#include "worker/steps/resources/host_directory.h"
#include "worker/steps/resources/used_resources.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using worker::v1::CreatedResources;

// What others have or use, or what holds something, stays; that is no failure. Only what
// is still in the record is removed: something else may have its name by now.
class RemoveResourcesRunner final : public StepRunner {
 public:
  explicit RemoveResourcesRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine), records_(environment.state_directory) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    worker::v1::StepKey creator = context.key;
    creator.set_step_id(spec.remove_resources().creating_step_id());
    std::vector<std::string> left;
    absl::MutexLock hold(&CreatedRecords::lock());
    absl::Status status = RemoveRecorded(creator, context.call, left);
    if (!status.ok()) return status;
    worker::v1::StepOutputs outputs;
    outputs.set_summary(left.empty() ? "all of it removed"
                                     : absl::StrCat("left in use: ", absl::StrJoin(left, ", ")));
    return outputs;
  }

 private:
  // Says last that the step is undone: until then it can be run again.
  absl::Status RemoveRecorded(const worker::v1::StepKey& creator, const Call& call,
                              std::vector<std::string>& left) const {
    auto created = records_.Read(creator);
    if (!created.ok()) return created.status();
    if (created->ByteSizeLong() == 0) return records_.Drop(creator);
    const auto others = records_.OfOthers(creator);
    if (!others.ok()) return others.status();
    const auto used = FindUsed(*engine_, creator.deployment_id(), call);
    if (!used.ok()) return used.status();
    KeepUsed(*others, *used, *created, left);
    absl::Status status = RemoveNetworks(*created, call, left);
    if (status.ok()) status = RemoveVolumes(*created, call, left);
    if (!status.ok()) return status;
    for (int i = created->directories_size() - 1; i >= 0; --i) {
      const std::string& directory = created->directories(i);
      if (!RemoveEmptyDirectory(directory)) left.push_back(directory);
    }
    return records_.Drop(creator);
  }

  // Takes out of `created` what stays.
  static void KeepUsed(const CreatedResources& others, const UsedResources& used,
                       CreatedResources& created, std::vector<std::string>& left) {
    CreatedResources kept;
    for (const std::string& network : created.networks()) {
      if (!HasName(others.networks(), network) && !used.networks.contains(network)) continue;
      kept.add_networks(network);
      left.push_back(absl::StrCat("network ", network));
    }
    for (const std::string& volume : created.volumes()) {
      if (!HasName(others.volumes(), volume) && !used.volumes.contains(volume)) continue;
      kept.add_volumes(volume);
      left.push_back(absl::StrCat("volume ", volume));
    }
    for (const std::string& directory : created.directories()) {
      if (!HasName(others.directories(), directory) && !used.HasDirectory(directory)) continue;
      kept.add_directories(directory);
      left.push_back(directory);
    }
    RemoveResourcesOf(kept, created);
  }

  absl::Status RemoveNetworks(const CreatedResources& created, const Call& call,
                              std::vector<std::string>& left) const {
    for (const std::string& network : created.networks()) {
      const absl::Status status = engine_->RemoveNetwork(network, call);
      if (IsFailure(status, v1::DOCKER_ERROR)) {
        left.push_back(absl::StrCat("network ", network));
      } else if (!status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status RemoveVolumes(const CreatedResources& created, const Call& call,
                             std::vector<std::string>& left) const {
    if (created.volumes().empty()) return absl::OkStatus();
    const auto info = engine_->RecentInfo(call);
    if (!info.ok()) return info.status();
    for (const std::string& volume : created.volumes()) {
      const auto exists = engine_->VolumeExists(volume, call);
      if (!exists.ok()) return exists.status();
      if (!*exists) continue;
      absl::Status status;
      const bool empty = IsEmpty(info->data_root, volume);
      if (empty) status = engine_->RemoveVolume(volume, call);
      if (!empty || IsFailure(status, v1::DOCKER_ERROR)) {
        left.push_back(absl::StrCat("volume ", volume));
      } else if (!status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  // Data is never removed: what cannot be looked into counts as full, also what
  // is not there, for the engine's files may be out of the worker's sight.
  static bool IsEmpty(const std::string& data_root, const std::string& volume) {
    const std::filesystem::path place =
        std::filesystem::path(data_root) / "volumes" / volume / "_data";
    std::error_code error;
    const bool empty = std::filesystem::is_empty(place, error);
    return !error && empty;
  }

  docker::Engine* const engine_;
  const CreatedRecords records_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRemoveResourcesRunner(const RunnerEnvironment& environment) {
  return std::make_unique<RemoveResourcesRunner>(environment);
}

}  // namespace davit::steps
