#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_CHECK_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "davit/worker/v1/container.pb.h"
#include "worker/docker/engine.h"
#include "worker/probe/report.h"
#include "worker/steps/preflight/access_probe.h"
#include "worker/steps/preflight/findings.h"

namespace davit::steps {

// A container that will be started, and whom its image says it runs as.
struct PlannedContainer {
  const worker::v1::ContainerSpec* spec = nullptr;  // not owned
  std::string user;  // the specification's, else the image's USER; empty: root
};

// Proves that each container's user can read every file it mounts and write
// every volume, in a container of its image with its mounts: one for each that
// mounts something, several at once. FILE_UNREADABLE, VOLUME_UNWRITABLE, and what
// Docker refuses of the mounts or the user.
class AccessCheck {
 public:
  // The probe is kept in `state_directory`, where the files of releases are, too.
  AccessCheck(docker::Engine* engine, std::string state_directory)
      : engine_(engine), state_directory_(std::move(state_directory)) {}

  // What is worth saying of each container, in their order.
  std::vector<std::string> Run(const std::vector<PlannedContainer>& containers, const Call& call,
                               Findings& findings) const;

 private:
  struct Result {
    std::string note;
    Findings findings;
  };

  absl::Status Check(const PlannedContainer& planned, const Call& call, Result& result) const;
  absl::StatusOr<std::optional<probe::Report>> Ask(const AccessProbe& probe, const Call& call,
                                                   std::string& note) const;

  docker::Engine* const engine_;
  const std::string state_directory_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_CHECK_H_
