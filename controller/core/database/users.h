#ifndef DAVIT_CONTROLLER_CORE_DATABASE_USERS_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_USERS_H_

#include <set>
#include <string>
#include <vector>

#include "davit/state/v1/state.pb.h"
#include "davit/v1/spec.pb.h"

// Which apps use a database.
namespace davit::core {

// Those that davit.yaml gives it to.
std::set<std::string> UsersOf(const v1::EnvironmentSpec& spec, const std::string& database);

// Whether the app of `live` uses it: by davit.yaml, or as what is live of it was declared.
bool UsesDatabase(const v1::EnvironmentSpec& spec, const state::v1::ReleaseRecord& live,
                  const std::string& database);

// Who else is live on `database`, by other environments and projects
// (DeploymentRecord.other_users). Points into `record`.
std::vector<const state::v1::DatabaseUser*> OtherUsersOf(const state::v1::DeploymentRecord& record,
                                                         const std::string& database);

// "web v1 (environment stage)"; of another project: "web v1 (project blog, environment prod)".
std::string OtherUserName(const state::v1::DeploymentRecord& record,
                          const state::v1::DatabaseUser& user);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_USERS_H_
