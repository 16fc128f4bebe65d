#ifndef DAVIT_WORKER_DOCKER_CONTAINER_JSON_H_
#define DAVIT_WORKER_DOCKER_CONTAINER_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "davit/worker/v1/container.pb.h"
#include "worker/docker/engine.h"
#include "worker/docker/json.h"

namespace davit::docker {

// Body of POST /containers/create: all of `spec` but the networks after the
// first, which a container can only join once it exists.
absl::StatusOr<Json> CreateContainerJson(const worker::v1::ContainerSpec& spec,
                                         absl::string_view restart_policy);

// How a container of `spec` joins `network`: with its aliases, where the
// network is one that has a name service.
Json EndpointJson(const worker::v1::ContainerSpec& spec, absl::string_view network);

// What an entry of GET /containers/json says.
ContainerSummary ContainerSummaryOf(const Json& entry);

// What GET /containers/NAME/json says.
ContainerDetails ContainerDetailsOf(const Json& container);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_CONTAINER_JSON_H_
