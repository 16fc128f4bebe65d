#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_TEXT_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_TEXT_H_

#include <string>
#include <vector>

#include "controller/core/restoration/restoration_schema.h"
#include "davit/state/v1/state.pb.h"

// What a rollback says of databases that were changed since.
namespace davit::core {

// Each of its changes, a line each; those that nobody would read are counted.
std::vector<std::string> ChangeLines(const std::string& database, const SchemaSince& since);

// ", also what d-7 migrated in it": what other environments and projects lose where the backup
// of before it is restored, as they migrated between that and the turn of this one. Empty: nothing.
std::string OthersLost(const SchemaSince& since);

// What earlier rollbacks and restores have taken back already, a line each.
std::vector<std::string> DoneAlready(const state::v1::DeploymentRecord& record);

// " --to web=2", for the releases that `request` goes back to.
std::string ToReleases(const v1::DeploymentRequest& request);

// What becomes of each database that was changed, and what was changed; who else needs what is
// taken back; what an earlier rollback has taken back already: one sentence each.
std::vector<std::string> SchemaNotes(const state::v1::DeploymentRecord& record);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_TEXT_H_
