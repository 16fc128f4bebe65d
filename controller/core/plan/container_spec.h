#ifndef DAVIT_CONTROLLER_CORE_PLAN_CONTAINER_SPEC_H_
#define DAVIT_CONTROLLER_CORE_PLAN_CONTAINER_SPEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "davit/state/v1/state.pb.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::core {

// The container of one release, the same on every host. SPEC_INVALID for a port
// that is none, SECRET_MISSING for a secret whose version the record lacks.
absl::StatusOr<worker::v1::ContainerSpec> MakeContainerSpec(
    const state::v1::DeploymentRecord& record, const v1::Release& release,
    const worker::v1::ResolvedImage& image);

// Where a container is, and nothing of what it does: its networks, hosts and mounts.
worker::v1::ContainerSpec PlaceOf(const v1::Container& container);

// The container in which step `step_id` runs a command of that release: with the
// environment, files, mounts and networks of `service`.
worker::v1::ContainerSpec OneOffOf(const worker::v1::ContainerSpec& service,
                                   const google::protobuf::RepeatedPtrField<std::string>& command,
                                   const std::string& step_id);
worker::v1::ContainerSpec OneOffOf(const worker::v1::ContainerSpec& service, const v1::Check& check,
                                   const std::string& step_id);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_CONTAINER_SPEC_H_
