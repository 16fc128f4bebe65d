#ifndef DAVIT_CLIENT_COMMANDS_SECRET_INPUT_H_
#define DAVIT_CLIENT_COMMANDS_SECRET_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/commands/invocation.h"

namespace davit::commands {

// A secret's value from standard input: all of it, without one newline at its end. Where
// that is a terminal, one line of it, which is asked for with `prompt` and not shown. A
// value that is longer than any secret may be is cut behind that. SPEC_INVALID when it
// cannot be read, or the user gave up.
absl::StatusOr<std::string> ReadSecretValue(const Invocation& invocation,
                                            const std::string& prompt);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_SECRET_INPUT_H_
