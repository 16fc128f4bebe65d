#include "worker/steps/health/probe.h"

namespace davit::steps {

std::string TargetAddress(const docker::ContainerDetails& container) {
  if (container.network_mode == "host") return "127.0.0.1";
  return container.addresses.empty() ? "" : container.addresses.front();
}

std::unique_ptr<Probe> MakeProbe(const v1::Healthcheck& check,
                                 const docker::ContainerDetails& container,
                                 docker::Engine* engine) {
  if (check.has_http()) return MakeHttpProbe(check.http());
  if (check.has_tcp()) return MakeTcpProbe(check.tcp());
  if (check.has_exec()) return MakeExecProbe(check.exec(), engine);
  if (check.has_docker() || container.has_healthcheck) return MakeDockerProbe();
  return MakeRunningProbe();
}

}  // namespace davit::steps
