#ifndef DAVIT_CLIENT_COMMANDS_SECRETS_SECRET_INPUT_H_
#define DAVIT_CLIENT_COMMANDS_SECRETS_SECRET_INPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/commands/invocation/invocation.h"

namespace davit::commands {

// SPEC_INVALID for a value that is blank, most likely an empty file or variable, or longer
// than any secret may be. All else the controller checks.
absl::Status CheckSecretValue(absl::string_view value);

// A secret's value from standard input: all of it, without one line end (\n or \r\n) at its
// end. Where that is a terminal, one line of it, which is asked for with `prompt` and not
// shown. SPEC_INVALID when it cannot be read, as CheckSecretValue() says, or when the user
// gave up.
absl::StatusOr<std::string> ReadSecretValue(const Invocation& invocation,
                                            const std::string& prompt);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_SECRETS_SECRET_INPUT_H_
