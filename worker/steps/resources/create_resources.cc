#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/image/user.h"
#include "worker/steps/resources/created_record.h"
#include "worker/steps/resources/host_directory.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::CreatedResources;
using worker::v1::CreateResources;
using worker::v1::Mount;
using worker::v1::StepKey;
using Names = google::protobuf::RepeatedPtrField<std::string>;

void AddOnce(Names& names, const std::string& name) {
  if (!HasName(names, name)) *names.Add() = name;
}

void Erase(Names& names, absl::string_view name) {
  names.erase(std::remove(names.begin(), names.end(), name), names.end());
}

// Networks that every engine has, and ways to have none of one's own.
bool IsBuiltIn(absl::string_view network) {
  return network == "bridge" || network == "host" || network == "none" || network == "default" ||
         absl::StrContains(network, ':');
}

std::map<std::string, std::string> LabelsFor(const StepKey& key) {
  return {{"davit.project", key.project()},
          {"davit.environment", key.environment()},
          {kStepLabel, key.step_id()}};
}

// All directories on the way to `path`, itself last.
std::vector<std::string> WayDown(const std::string& path) {
  std::vector<std::string> way;
  std::filesystem::path place = CleanPath(path);
  for (; place.has_relative_path(); place = place.parent_path()) way.push_back(place);
  std::reverse(way.begin(), way.end());
  return way;
}

// What is there and may be undone by another step, which is not to happen then.
CreatedResources SharedBy(const CreateResources& wanted, const CreatedResources& others) {
  CreatedResources shared;
  for (const ContainerSpec& container : wanted.containers()) {
    for (const std::string& network : container.networks()) {
      if (HasName(others.networks(), network)) AddOnce(*shared.mutable_networks(), network);
    }
    for (const Mount& mount : container.mounts()) {
      if (!IsBind(mount)) {
        const std::string& volume = mount.source();
        if (HasName(others.volumes(), volume)) AddOnce(*shared.mutable_volumes(), volume);
        continue;
      }
      for (const std::string& directory : WayDown(mount.source())) {
        if (HasName(others.directories(), directory)) {
          AddOnce(*shared.mutable_directories(), directory);
        }
      }
    }
  }
  return shared;
}

// Writes down what is missing and what is shared, then makes it. After a restart, what
// was written down and is there was made by the earlier run.
class CreateResourcesRunner final : public StepRunner {
 public:
  explicit CreateResourcesRunner(const RunnerEnvironment& environment)
      : engine_(environment.engine),
        reader_(environment.state_directory),
        records_(environment.state_directory) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    absl::MutexLock hold(&CreatedRecords::lock());
    const CreateResources& wanted = spec.create_resources();
    auto earlier = records_.Read(context.key);
    if (!earlier.ok()) return earlier.status();
    const auto others = records_.OfOthers(context.key);
    if (!others.ok()) return others.status();
    auto created = AddMissing(wanted, *earlier, context.call);
    if (!created.ok()) return created.status();
    const CreatedResources shared = SharedBy(wanted, *others);
    if (absl::Status status = Record(context.key, *created, shared); !status.ok()) return status;
    if (absl::Status status = Make(wanted, *earlier, context, *created); !status.ok()) {
      return status;
    }
    if (absl::Status status = Record(context.key, *created, shared); !status.ok()) return status;
    worker::v1::StepOutputs outputs;
    outputs.set_summary(
        absl::StrCat(Counted(created->networks_size(), "network", "networks"), ", ",
                     Counted(created->directories_size(), "directory", "directories"), ", ",
                     Counted(created->volumes_size(), "volume", "volumes"), " made"));
    *outputs.mutable_created() = *std::move(created);
    return outputs;
  }

 private:
  absl::Status Record(const StepKey& key, const CreatedResources& created,
                      const CreatedResources& shared) const {
    CreatedResources all = shared;
    AddResources(created, all);
    auto& directories = *all.mutable_directories();
    std::sort(directories.begin(), directories.end());  // parents first
    return all.ByteSizeLong() == 0 ? records_.Drop(key) : records_.Write(key, all);
  }

  absl::StatusOr<CreatedResources> AddMissing(const CreateResources& wanted,
                                              CreatedResources created, const Call& call) const {
    const auto networks = engine_->ListNetworks(call);
    if (!networks.ok()) return networks.status();
    const std::set<std::string> present(networks->begin(), networks->end());
    for (const ContainerSpec& container : wanted.containers()) {
      for (const std::string& network : container.networks()) {
        if (!IsBuiltIn(network) && !present.contains(network)) {
          AddOnce(*created.mutable_networks(), network);
        }
      }
      for (const Mount& mount : container.mounts()) {
        if (absl::Status status = AddMissing(mount, created, call); !status.ok()) return status;
      }
    }
    return created;
  }

  absl::Status AddMissing(const Mount& mount, CreatedResources& created, const Call& call) const {
    if (IsBind(mount)) {
      for (const std::string& directory : MissingDirectories(mount.source())) {
        AddOnce(*created.mutable_directories(), directory);
      }
      return absl::OkStatus();
    }
    const auto exists = engine_->VolumeExists(mount.source(), call);
    if (!exists.ok()) return exists.status();
    if (!*exists) AddOnce(*created.mutable_volumes(), mount.source());
    return absl::OkStatus();
  }

  // Takes out of `created` what turns out to be someone else's.
  absl::Status Make(const CreateResources& wanted, const CreatedResources& earlier,
                    const StepContext& context, CreatedResources& created) const {
    if (absl::Status status = MakeNetworks(context, created); !status.ok()) return status;
    if (absl::Status status = MakeVolumes(context, created); !status.ok()) return status;
    if (absl::Status status = MakeDirectories(earlier, created); !status.ok()) return status;
    return GiveDirectories(wanted, context, created);
  }

  absl::Status MakeNetworks(const StepContext& context, const CreatedResources& created) const {
    const auto present = engine_->ListNetworks(context.call);
    if (!present.ok()) return present.status();
    for (const std::string& network : created.networks()) {
      if (std::binary_search(present->begin(), present->end(), network)) continue;
      absl::Status status = engine_->CreateNetwork(network, LabelsFor(context.key), context.call);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status MakeVolumes(const StepContext& context, CreatedResources& created) const {
    const Names volumes = created.volumes();
    for (const std::string& volume : volumes) {
      const auto labels = engine_->CreateVolume(volume, LabelsFor(context.key), context.call);
      if (!labels.ok()) return labels.status();
      const auto maker = labels->find(kStepLabel);
      if (maker == labels->end() || maker->second != context.key.step_id()) {
        Erase(*created.mutable_volumes(), volume);
      }
    }
    return absl::OkStatus();
  }

  static absl::Status MakeDirectories(const CreatedResources& earlier, CreatedResources& created) {
    const Names directories = created.directories();
    for (const std::string& directory : directories) {
      const auto made = MakeDirectory(directory);
      if (!made.ok()) return made.status();
      if (!*made && !HasName(earlier.directories(), directory)) {
        Erase(*created.mutable_directories(), directory);
      }
    }
    return absl::OkStatus();
  }

  absl::Status GiveDirectories(const CreateResources& wanted, const StepContext& context,
                               const CreatedResources& created) const {
    std::set<std::string> given;
    for (const ContainerSpec& container : wanted.containers()) {
      for (const Mount& mount : container.mounts()) {
        if (!HasName(created.directories(), CleanPath(mount.source()))) continue;
        // Where apps share a directory, the first one's wish counts.
        if (!given.insert(mount.source()).second) continue;
        const auto owner = OwnerOf(container, mount, context.call);
        if (!owner.ok()) return owner.status();
        absl::Status status = GiveDirectory(CleanPath(mount.source()), *owner, mount.mode());
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Owner> OwnerOf(const ContainerSpec& container, const Mount& mount,
                                const Call& call) const {
    const bool automatic = mount.owner().empty() || mount.owner() == "auto";
    auto owner = automatic ? ImageUser(*engine_, container.image(), container.user(), reader_, call)
                           : ParseOwner(mount.owner());
    if (owner.ok() ||
        (!absl::IsNotFound(owner.status()) && !absl::IsInvalidArgument(owner.status()))) {
      return owner;
    }
    v1::Failure failure = MakeFailure(
        v1::VOLUME_UNUSABLE, absl::StrCat("the owner of ", mount.source(), " cannot be told"),
        {std::string(owner.status().message())});
    failure.set_next_command("give the volume an `owner` in numbers");
    return FailureStatus(failure);
  }

  docker::Engine* const engine_;
  const std::string reader_;
  const CreatedRecords records_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeCreateResourcesRunner(const RunnerEnvironment& environment) {
  return std::make_unique<CreateResourcesRunner>(environment);
}

}  // namespace davit::steps
