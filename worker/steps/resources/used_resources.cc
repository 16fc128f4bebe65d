#include "worker/steps/resources/used_resources.h"

#include <filesystem>
#include <system_error>

#include "worker/steps/container/lookup.h"
#include "worker/steps/one_off/record.h"
#include "worker/steps/resources/host_directory.h"

namespace davit::steps {
namespace {

constexpr char kDeploymentOfContainer[] = "davit.deployment";

// As it is without links, as far as that can be told.
std::filesystem::path Resolved(const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(CleanPath(path), error);
  return error ? std::filesystem::path(CleanPath(path)) : resolved;
}

void AddWithAncestors(std::filesystem::path place, std::set<std::string>& directories) {
  for (; place.has_relative_path(); place = place.parent_path()) directories.insert(place);
}

bool IsEndedOneOffOf(absl::string_view deployment_id, const docker::ContainerDetails& container) {
  const auto& labels = container.observed.labels();
  const auto deployment = labels.find(kDeploymentOfContainer);
  return labels.contains(kOneOffLabel) && deployment != labels.end() &&
         deployment->second == deployment_id && !IsRunning(container);
}

}  // namespace

bool UsedResources::HasDirectory(const std::string& path) const {
  return directories.contains(Resolved(path)) || directories.contains(CleanPath(path));
}

void AddUsed(const worker::v1::ObservedSettings& settings, UsedResources& used) {
  used.networks.insert(settings.networks().begin(), settings.networks().end());
  for (const worker::v1::Mount& mount : settings.mounts()) {
    if (!IsBind(mount)) {
      used.volumes.insert(mount.source());
      continue;
    }
    // Both: what the link leads to, and the link's own way.
    AddWithAncestors(Resolved(mount.source()), used.directories);
    AddWithAncestors(CleanPath(mount.source()), used.directories);
  }
}

absl::StatusOr<UsedResources> FindUsed(docker::Engine& engine, absl::string_view deployment_id,
                                       const Call& call) {
  const auto containers = engine.ListContainers({}, call);
  if (!containers.ok()) return containers.status();
  UsedResources used;
  for (const worker::v1::ObservedContainer& container : *containers) {
    const auto details = FindContainer(engine, container.id(), call);
    if (!details.ok()) return details.status();
    if (!details->has_value() || IsEndedOneOffOf(deployment_id, **details)) continue;
    AddUsed((*details)->settings, used);
  }
  return used;
}

}  // namespace davit::steps
