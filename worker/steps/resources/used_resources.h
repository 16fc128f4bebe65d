#ifndef DAVIT_WORKER_STEPS_RESOURCES_USED_RESOURCES_H_
#define DAVIT_WORKER_STEPS_RESOURCES_USED_RESOURCES_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// What the containers of a host need to be there, whoever made them and whether they run
// or not: Docker starts none whose network or directory is gone, and a running one goes on
// in a directory that nobody can see.
struct UsedResources {
  std::set<std::string> networks;
  std::set<std::string> directories;  // sources of mounts and all above them, links resolved
  std::set<std::string> volumes;

  // Whether `path`, or what lies below it, is mounted.
  bool HasDirectory(const std::string& path) const;
};

// Adds what a container of these settings needs.
void AddUsed(const worker::v1::ObservedSettings& settings, UsedResources& used);

// Leaves out the deployment's own one-offs that have ended: those are about to go.
absl::StatusOr<UsedResources> FindUsed(docker::Engine& engine, absl::string_view deployment_id,
                                       const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_RESOURCES_USED_RESOURCES_H_
