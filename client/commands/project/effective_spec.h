#ifndef DAVIT_CLIENT_COMMANDS_PROJECT_EFFECTIVE_SPEC_H_
#define DAVIT_CLIENT_COMMANDS_PROJECT_EFFECTIVE_SPEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/commands/invocation/invocation.h"

namespace davit::commands {

// What --show-defaults prints: the environment that the options name, or the only one there
// is, with everything merged and filled in, as YAML that says of each value where it comes
// from. The failures are those of LoadEnvironment().
absl::StatusOr<std::string> EffectiveSpecText(const Invocation& invocation);

// Prints it, with --json as {"effective": …}. Returns the exit code; errors are shown.
int ShowDefaults(const Invocation& invocation);

inline constexpr char kShowDefaultsHelp[] =
    "Print the environment with everything merged and filled in, and where each value comes from";

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_PROJECT_EFFECTIVE_SPEC_H_
