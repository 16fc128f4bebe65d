#ifndef DAVIT_CONTROLLER_CORE_DATABASE_HISTORY_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_HISTORY_H_

#include <optional>
#include <string>

#include "controller/core/deployment_state.h"

namespace davit::core {

// What the deployment did to the database of a released app, for its release's record: what
// a later rollback must know. A migration that was taken back again has changed nothing.
// nullopt: the app has no database.
std::optional<state::v1::DatabaseHistory> DatabaseHistoryOf(const DeploymentState& state,
                                                            const std::string& app);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_HISTORY_H_
