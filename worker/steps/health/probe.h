#ifndef DAVIT_WORKER_STEPS_HEALTH_PROBE_H_
#define DAVIT_WORKER_STEPS_HEALTH_PROBE_H_

#include <memory>
#include <string>
#include <vector>

#include "common/call.h"
#include "davit/v1/failure.pb.h"
#include "davit/v1/spec.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// What one probe has seen.
struct ProbeResult {
  bool healthy = false;
  // No further probe can turn out otherwise.
  bool final = false;
  v1::FailureCode code = v1::FAILURE_CODE_UNSPECIFIED;  // HEALTH_*, when not healthy
  std::string summary;                                  // "connection refused", "status 503"
  std::vector<std::string> evidence;                    // one fact an entry
  std::string likely_cause;                             // empty: the catalogue's
  std::string next_command;                             // empty: the catalogue's
};

// One way to ask a container whether it is healthy.
class Probe {
 public:
  virtual ~Probe() = default;
  // What is asked, for people: "GET http://172.17.0.2:80/health".
  virtual std::string Describe(const docker::ContainerDetails& container) const = 0;
  // Asks once; `call` ends the probe. `container` runs.
  virtual ProbeResult Run(const docker::ContainerDetails& container, const Call& call) = 0;
};

// Where the container answers: its address in its network; 127.0.0.1 where it has
// the host's; empty where it has none.
std::string TargetAddress(const docker::ContainerDetails& container);

std::unique_ptr<Probe> MakeHttpProbe(const v1::HttpProbe& probe);
std::unique_ptr<Probe> MakeTcpProbe(const v1::TcpProbe& probe);
std::unique_ptr<Probe> MakeExecProbe(const v1::ExecProbe& probe, docker::Engine* engine);
std::unique_ptr<Probe> MakeDockerProbe();
// That it stays running for two seconds.
std::unique_ptr<Probe> MakeRunningProbe();

// The probe that the check names, or the one that fits the container.
std::unique_ptr<Probe> MakeProbe(const v1::Healthcheck& check,
                                 const docker::ContainerDetails& container, docker::Engine* engine);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HEALTH_PROBE_H_
