#ifndef DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_OUTCOME_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_OUTCOME_H_

#include <optional>
#include <string>
#include <vector>

#include "controller/core/deployment_state.h"
#include "davit/v1/failure.pb.h"

// What that which a deployment's migrations have left (schema_left.h) means for how it ends.
namespace davit::core {

// SCHEMA_NOT_SAFE, with the changes and the backups, when the releases of before may not be
// able to run on what is left, by this deployment or by earlier ones since they became live;
// nullopt: they can, or there are none.
std::optional<v1::Failure> SchemaNotSafe(const DeploymentState& state);

// What is left although the deployment did not succeed, where it is safe or nothing older
// uses it: a sentence each.
std::vector<std::string> SchemaKeptNotes(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_OUTCOME_H_
