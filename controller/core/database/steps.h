#ifndef DAVIT_CONTROLLER_CORE_DATABASE_STEPS_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_STEPS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/plan/plan_builder.h"
#include "davit/state/v1/state.pb.h"
#include "davit/worker/v1/steps.pb.h"

// What a deployment that releases apps does to their databases before anything is
// replaced: it waits for them, backs them up and migrates them, each once, on one host.
namespace davit::core {

// Where that is done: the first host of the rollout.
const std::string& DatabaseHost(const state::v1::DeploymentRecord& record);

// Whether it is backed up before each migration.
bool WantsBackup(const v1::Database& database);

// The databases that released apps use, by name.
std::vector<std::string> DatabasesAwaited(const state::v1::DeploymentRecord& record);
// Those of them, and of others, that the deployment migrates: their app is released. None
// in a rollback.
std::vector<std::string> DatabasesMigrated(const state::v1::DeploymentRecord& record);

// By name, of all of these: reached as the app that migrates it does, where that is released,
// else as the first released one that uses it. SECRET_MISSING for a URL whose version the
// record lacks. In a rollback a URL that its container has in a variable is of that version, be it
// an older one. `containers`: by app, of those that are released.
using DatabaseAccesses = std::map<std::string, worker::v1::DatabaseAccess>;
absl::StatusOr<DatabaseAccesses> AccessToDatabases(
    const state::v1::DeploymentRecord& record,
    const std::map<std::string, worker::v1::ContainerSpec>& containers);

// Steps for one database, on the host for that. A check waits but briefly.
NewStep WaitForDatabase(const state::v1::DeploymentRecord& record,
                        const worker::v1::DatabaseAccess& access);
NewStep BackUpDatabase(const state::v1::DeploymentRecord& record,
                       const worker::v1::DatabaseAccess& access);
// `step_id`: the one that it will have; `container`: of the app that migrates.
NewStep MigrateDatabase(const state::v1::DeploymentRecord& record,
                        const worker::v1::DatabaseAccess& access,
                        const worker::v1::ContainerSpec& container, const std::string& step_id);

// Appends, for each that is migrated, its backup, where one is wanted, and its migration,
// one after the other in a wave of their own.
void AddMigrations(const state::v1::DeploymentRecord& record, const DatabaseAccesses& accesses,
                   const std::map<std::string, worker::v1::ContainerSpec>& containers,
                   PlanBuilder& plan);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_STEPS_H_
