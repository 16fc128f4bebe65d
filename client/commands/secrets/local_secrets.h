#ifndef DAVIT_CLIENT_COMMANDS_SECRETS_LOCAL_SECRETS_H_
#define DAVIT_CLIENT_COMMANDS_SECRETS_LOCAL_SECRETS_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/spec.pb.h"

namespace davit::commands {

// The secrets that the environment refers to.
std::set<std::string> SecretNames(const v1::EnvironmentSpec& spec);

// In local mode: sets the secrets that the environment refers to and that have a variable
// DAVIT_SECRET_<name> to its value, where that is another than before. Does nothing without
// --local. SPEC_INVALID for a blank value; the service's errors; with the variable that
// they are about.
absl::Status SetLocalSecrets(const Invocation& invocation, Connection& connection,
                             const v1::EnvironmentSpec& spec);

// Connection::Open and SetLocalSecrets.
absl::StatusOr<std::unique_ptr<Connection>> OpenWithSecrets(const Invocation& invocation,
                                                            const v1::EnvironmentSpec& spec);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_SECRETS_LOCAL_SECRETS_H_
