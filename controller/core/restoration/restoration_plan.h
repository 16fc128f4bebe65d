#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_PLAN_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_PLAN_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/core/database/work_stops.h"
#include "controller/core/deployment_state.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/survey.h"

// What a rollback does to databases that were changed since, as its request says. Each adds
// nothing to a deployment of another kind.
namespace davit::core {

// Whether containers of `app` are stopped, all of them on all hosts, before its release is
// started: the database that it uses is replaced.
bool IsStoppedForRestore(const state::v1::DeploymentRecord& record, const std::string& app);

// Appends the rollback_command of each database, in the container of the live release, one
// after the other on the first host.
void AddSchemaCommands(const state::v1::DeploymentRecord& record, PlanBuilder& plan);

// The containers that are stopped; NAME_IN_USE as FindStops.
absl::StatusOr<Stops> StopsForRestore(const state::v1::DeploymentRecord& record,
                                      const Survey& survey);
// Appends the steps that load the backups, the stops, and the steps that put them in place.
absl::Status AddRestores(const state::v1::DeploymentRecord& record, const Stops& stops,
                         PlanBuilder& plan);
// Appends what puts those back that get no release.
void AddOthersBack(const state::v1::DeploymentRecord& record, const Stops& stops,
                   PlanBuilder& plan);

// Why such a deployment did not end well although its containers are as before: a
// rollback_command was begun, and what it did stays. nullopt: none was.
std::optional<v1::Failure> SchemaTakenBack(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_PLAN_H_
