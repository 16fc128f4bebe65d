#ifndef DAVIT_WORKER_SERVICE_HOST_COLLECTOR_H_
#define DAVIT_WORKER_SERVICE_HOST_COLLECTOR_H_

#include <optional>
#include <string>
#include <vector>

#include "common/call.h"
#include "davit/v1/failure.pb.h"
#include "davit/v1/host_service.pb.h"
#include "worker/docker/engine.h"

namespace davit::service {

// How long an engine may take to say how it is.
inline constexpr absl::Duration kEnginePatience = absl::Seconds(3);

// What `status`, an engine's answer or its silence, means for the host.
v1::Failure EngineFailure(const docker::Engine& engine, const absl::Status& status);

// What a host is like at one moment.
struct HostSnapshot {
  v1::HostFacts facts;
  std::optional<v1::Failure> docker_failure;
  std::vector<v1::HostApp> apps;  // by project, environment, app and name; none without Docker
};

// Looks at the host. Takes kEnginePatience at most, whatever the engine does.
class HostCollector {
 public:
  // The engine is not owned.
  HostCollector(docker::Engine* engine, std::string worker_version)
      : engine_(engine), worker_version_(std::move(worker_version)) {}

  HostSnapshot Collect(const CancelToken& cancel);
  // Whether something important is other than when it collected: Docker answers or
  // does not, or a container's state. Costs one call of the engine.
  bool HasChanged(const CancelToken& cancel) const;

 private:
  absl::Status AskEngine(const Call& call, HostSnapshot& snapshot);
  absl::StatusOr<std::vector<v1::HostApp>> Apps(
      const std::vector<docker::ContainerSummary>& containers, const Call& call) const;

  docker::Engine* const engine_;
  const std::string worker_version_;
  std::string data_root_;  // as the engine has last said
  // As they were collected; nullopt: the engine did not answer.
  std::optional<std::vector<docker::ContainerSummary>> containers_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_HOST_COLLECTOR_H_
