#ifndef DAVIT_CONTROLLER_CORE_DATABASE_WORK_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_WORK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/core/deployment_state.h"
#include "davit/v1/deployment_service.pb.h"

// Deployments that release nothing: databases are backed up, or a backup is put in the
// place of one.
namespace davit::core {

// Whether `request` asks for such a one.
bool IsDatabaseWork(const v1::DeploymentRequest& request);

// Whether it is for a rollback that puts backups in the place of databases.
bool IsRollbackThatRestores(const v1::DeploymentRequest& request);
// Whether it is for such a one, or for a restore.
bool PutsBackupsInPlace(const v1::DeploymentRequest& request);

// What the request is for, for the deployment's view.
v1::Operation OperationOf(const v1::DeploymentRequest& request);

// The databases that it backs up or restores, in the order of their names. Empty for one
// that releases apps.
std::vector<std::string> DatabasesOfWork(const v1::DeploymentRequest& request);

// The apps whose containers a restore stops meanwhile: those that use the database, in the
// order of their release. Of a rollback that restores, those that use any: which one it
// restores, only its record says. Empty for every other request.
std::vector<std::string> AppsStoppedByWork(const v1::DeploymentRequest& request);

// Whether a restore stops the app of `live`: by davit.yaml, or as what is live of it was
// declared, it uses the database. Of a rollback that restores: any.
bool IsStoppedByRestore(const v1::DeploymentRequest& request, const state::v1::ReleaseRecord& live);

// The hosts that the deployment has to do with. A backup needs only the one that makes it.
std::vector<std::string> HostsConcerned(const v1::DeploymentRequest& request);

// Longest time that loading such a backup may take. Indexes are made anew, so it is
// several times that of making one.
absl::Duration RestoreTimeoutOf(const v1::DatabaseBackup& backup);

// SPEC_INVALID, one fact an entry of evidence, when it cannot be done: no such database, no
// file, an app among what is asked for. OK for a request of another kind.
absl::Status CheckDatabaseWork(const v1::DeploymentRequest& request);

// As MakePlan, for such a deployment. A restore waits for the database, loads the backup, stops
// the apps' containers on all hosts, restores, puts them back and checks those that serve.
// NAME_IN_USE when one of them could not be put back.
absl::StatusOr<std::vector<state::v1::StepRecord>> MakeDatabasePlan(const DeploymentState& state);

// What is worth saying of such a plan, a sentence an entry.
std::vector<std::string> DatabaseWorkNotes(const DeploymentState& state);

// The first step that has put a backup in a database's place; null: none has. From then on no
// rollback can undo it.
const state::v1::StepRecord* RestoringStep(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_WORK_H_
