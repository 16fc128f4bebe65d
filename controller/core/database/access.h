#ifndef DAVIT_CONTROLLER_CORE_DATABASE_ACCESS_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_ACCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "davit/state/v1/state.pb.h"
#include "davit/worker/v1/steps.pb.h"

// How a worker gets to a database of davit.yaml.
namespace davit::core {

// From where `container` would: with its networks, hosts and mounts. SECRET_MISSING for a
// URL whose version the record lacks.
absl::StatusOr<worker::v1::DatabaseAccess> DatabaseAccessOf(
    const state::v1::DeploymentRecord& record, const std::string& database,
    const worker::v1::ContainerSpec& container);

// From where the app that migrates it would, by the spec; else the first by name that
// uses it.
absl::StatusOr<worker::v1::DatabaseAccess> DatabaseAccessOf(
    const state::v1::DeploymentRecord& record, const std::string& database);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_ACCESS_H_
