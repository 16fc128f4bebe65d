#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_PROBE_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_PROBE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "davit/worker/v1/container.pb.h"
#include "worker/docker/engine.h"
#include "worker/probe/report.h"
#include "worker/steps/image/user.h"

namespace davit::steps {

// What lies behind a path that a container mounts.
enum class PlaceKind {
  kHostPath,     // a file or directory of the host
  kVolume,       // a volume that exists
  kNewVolume,    // one that create_resources will make: Docker fills it from the image
  kReleaseFile,  // a file that write_files has written
};

struct MountedPlace {
  PlaceKind kind = PlaceKind::kHostPath;
  std::string source;  // path on the host, or name of the volume
  std::string target;  // path in the container
  bool write = false;  // whether the app may write there
};

// A directory that create_resources will make for another user than the container's
// may be: its `owner` was declared.
struct NewDirectory {
  std::string source;
  std::string target;
  Owner owner;
  mode_t mode = 0;
};

// A container that asks the probe about everything that one of the release's
// containers will mount, as its user, in its image, with its capabilities.
struct AccessProbe {
  worker::v1::ContainerSpec container;
  std::vector<MountedPlace> places;
  std::vector<NewDirectory> new_directories;  // to be written, but not there to be asked about

  // Whether there is nothing to find out.
  bool empty() const { return places.empty() && new_directories.empty(); }
};

// `program` is the probe on this host. Directories that do not exist yet and have
// no declared owner are left out: create_resources gives them to the container's user.
absl::StatusOr<AccessProbe> MakeAccessProbe(const worker::v1::ContainerSpec& container,
                                            const std::string& program,
                                            const std::string& state_directory,
                                            docker::Engine& engine, const Call& call);

// The questions about `probe.places`, in their order.
std::vector<probe::Question> QuestionsOf(const AccessProbe& probe);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_PROBE_H_
