#ifndef DAVIT_CONTROLLER_CORE_PLAN_SECRET_USE_H_
#define DAVIT_CONTROLLER_CORE_PLAN_SECRET_USE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "davit/state/v1/state.pb.h"
#include "davit/worker/v1/container.pb.h"

// Secrets as a deployment sees them: the versions that its record has. No values.
namespace davit::core {

// The version that the name means in this deployment; null when the record has none.
const worker::v1::SecretUse* FindSecret(const state::v1::DeploymentRecord& record,
                                        const std::string& name);

// SECRET_MISSING: `wanted_by` is the key of davit.yaml that refers to it.
absl::Status SecretMissing(const state::v1::DeploymentRecord& record, const std::string& name,
                           const std::string& wanted_by);

// How workers log in to the project's registries, in the order of their keys. One
// whose secrets the record lacks is left out.
std::vector<worker::v1::RegistryLogin> Logins(const state::v1::DeploymentRecord& record);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_SECRET_USE_H_
