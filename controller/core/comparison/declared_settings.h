#ifndef DAVIT_CONTROLLER_CORE_COMPARISON_DECLARED_SETTINGS_H_
#define DAVIT_CONTROLLER_CORE_COMPARISON_DECLARED_SETTINGS_H_

#include <string>

#include "controller/core/comparison/settings.h"
#include "controller/core/deployment_state.h"

// What is declared of a release besides its container, to be compared and shown: its tasks,
// its database, and that one's migration where the app runs it.
namespace davit::core {

// Of what `state` deploys.
Settings DeclaredSettings(const DeploymentState& state, const std::string& app);

// Of a release by its record; nothing where the record is older than what it lacks.
Settings DeclaredSettings(const state::v1::ReleaseRecord& release);

// Whether the record knows what was declared, so that it can be compared.
bool KnowsDeclared(const state::v1::ReleaseRecord& release);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_COMPARISON_DECLARED_SETTINGS_H_
