#ifndef DAVIT_CLIENT_COMMANDS_SECRETS_SECRET_VERBS_H_
#define DAVIT_CLIENT_COMMANDS_SECRETS_SECRET_VERBS_H_

#include <CLI/App.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/commands/invocation/invocation.h"
#include "client/commands/project/project_file.h"

namespace davit::commands {

// Each adds one of the verbs of `davit secrets`.
void AddSecretSet(CLI::App& secrets, Invocation& invocation);
void AddSecretRemove(CLI::App& secrets, Invocation& invocation);

// Options of all of them. Without an environment, they are about the whole project.
void AddSecretOptions(CLI::App& verb, Invocation& invocation, const std::string& environment_help);

inline constexpr absl::Duration kSecretTimeout = absl::Seconds(30);

// The project that the options name, whatever else is wrong with its file. SPEC_INVALID,
// also for an environment that it lacks.
absl::StatusOr<std::string> ProjectOfSecrets(const Invocation& invocation);

absl::StatusOr<std::string> ProjectOfSecrets(const Invocation& invocation, const ProjectFile& file);

// "KEY of dev", or of project shop.
std::string SecretPlace(const std::string& name, const std::string& project,
                        const std::string& environment);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_SECRETS_SECRET_VERBS_H_
