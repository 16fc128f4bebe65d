#ifndef DAVIT_WORKER_STEPS_CONTAINER_START_FAILURE_H_
#define DAVIT_WORKER_STEPS_CONTAINER_START_FAILURE_H_

#include "absl/status/status.h"
#include "common/call.h"
#include "davit/worker/v1/container.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// Adds what the engine does not say to its refusal to start a container with
// `ports`: who has the port that is taken, and which command is not found.
absl::Status ExplainStartFailure(docker::Engine& engine, const absl::Status& status,
                                 absl::string_view container, const worker::v1::ContainerSpec& spec,
                                 const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_CONTAINER_START_FAILURE_H_
