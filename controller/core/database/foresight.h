#ifndef DAVIT_CONTROLLER_CORE_DATABASE_FORESIGHT_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_FORESIGHT_H_

#include <string>
#include <vector>

#include "controller/core/deployment_state.h"

// What a plan means for databases, in sentences. Part of foresight.h.
namespace davit::core {

// Which are migrated, once for all apps that share them, and whether a backup is made before;
// which are not, though an app that uses them is released.
std::vector<std::string> DatabaseNotes(const state::v1::DeploymentRecord& record);

// What an automatic rollback does to the schemas that were migrated by then.
std::vector<std::string> SchemaForeseen(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_FORESIGHT_H_
