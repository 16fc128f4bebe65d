#ifndef DAVIT_CONTROLLER_CORE_DATABASE_BYSTANDER_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_BYSTANDER_H_

#include <string>
#include <vector>

#include "controller/core/deployment_state.h"

namespace davit::core {

// An app that uses a database which a deployment migrates, and is not deployed with it: one of
// the same environment that runs, or of another one that is live by the records.
struct Bystander {
  std::string project, environment, app;
  std::string name;     // "web v1", or "web v1 (environment stage)"
  std::string made_by;  // the deployment that it is of; empty: none of ours
};

// Those of the same environment first, and each environment's together.
std::vector<Bystander> BystandersOf(const DeploymentState& state, const std::string& database);

// "rep v3, web v1 (environment stage)".
std::string BystanderNames(const std::vector<Bystander>& bystanders);

// "`davit deploy rep -e dev` and `davit deploy web -e prod` (project blog)".
std::string DeployCommands(const DeploymentState& state, const std::vector<Bystander>& bystanders);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_BYSTANDER_H_
