#ifndef DAVIT_CONTROLLER_CORE_DATABASE_BYSTANDERS_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_BYSTANDERS_H_

#include <string>
#include <vector>

#include "controller/core/deployment_state.h"

// What apps that use a database which a deployment migrates, and are not deployed with it
// (bystander.h), have to bear: their code of before runs on the new schema.
namespace davit::core {

// For the plan: a sentence for each database with such apps, as they were seen on the
// hosts or, of other environments, are on record.
std::vector<std::string> BystanderNotes(const DeploymentState& state);

// For the end of a deployment that succeeded: a sentence for each database whose migration, or
// what failed ones before it have left, such an app may not be able to run on. With the changes,
// and the command that deploys them.
std::vector<std::string> BystandersLeft(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_BYSTANDERS_H_
