#ifndef DAVIT_CONTROLLER_CORE_DATABASE_BACKUPS_NEEDED_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_BACKUPS_NEEDED_H_

#include <set>
#include <string>

#include "davit/state/v1/state.pb.h"

namespace davit::core {

// Paths of the backups of `database` on `host` that a way back may need, however many were
// made since: those of before the migrations of the live releases, and, of what deployments
// did since, those of before the first change and of before the last one that old code may not
// be able to run on, which is what the last failure has named. At most two more than there are
// live releases.
std::set<std::string> BackupsNeeded(const state::v1::DeploymentRecord& record,
                                    const std::string& database, const std::string& host);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_BACKUPS_NEEDED_H_
