#ifndef DAVIT_WORKER_STEPS_HEALTH_DIAGNOSIS_H_
#define DAVIT_WORKER_STEPS_HEALTH_DIAGNOSIS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "davit/v1/failure.pb.h"
#include "davit/v1/spec.pb.h"
#include "worker/docker/engine.h"
#include "worker/steps/health/probe.h"
#include "worker/steps/host/proc_net.h"

namespace davit::steps {

// How a health check went until it ended; empty where none was made.
struct CheckHistory {
  std::string asked;  // Probe::Describe
  std::optional<ProbeResult> last;
  int probes = 0;
  absl::Duration elapsed;
};

// Why a container that still runs is not healthy: the last probe decides. Pure.
v1::Failure DiagnoseUnhealthy(const docker::ContainerDetails& container,
                              const CheckHistory& history);

// Why a container does not run any more: CONTAINER_EXITED, _OUT_OF_MEMORY or
// _RESTART_LOOP. `restarting`: Docker starts it again and again. Pure.
v1::Failure DiagnoseStopped(const docker::ContainerDetails& container, bool restarting,
                            const CheckHistory& history);

// Adds to a refused connection what the container does listen on. Pure.
void AddListeners(const std::vector<ListeningSocket>& sockets, int probed_port,
                  v1::Failure& failure);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HEALTH_DIAGNOSIS_H_
