#ifndef DAVIT_CLIENT_COMMANDS_DATABASES_DATABASE_REQUEST_H_
#define DAVIT_CLIENT_COMMANDS_DATABASES_DATABASE_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/database_service.pb.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// SPEC_INVALID, with the names that there are, when no app of the environment uses a
// database of that name.
absl::Status CheckDatabase(const v1::EnvironmentSpec& spec, const std::string& database);
// SPEC_INVALID when none of its apps uses any.
absl::Status CheckHasDatabases(const v1::EnvironmentSpec& spec);

// The backups of the environment's databases, asked of the host that has them.
absl::StatusOr<v1::ListBackupsResponse> AskForBackups(Connection& connection,
                                                      const v1::EnvironmentSpec& spec);

// VERSION_SKEW where the request is for something else than a release of what davit.yaml
// says, and the controller is so old that it would take it for one. What else is wrong with
// the controller, the next call says.
absl::Status CheckIsUnderstood(Connection& connection, const v1::DeploymentRequest& request);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DATABASES_DATABASE_REQUEST_H_
