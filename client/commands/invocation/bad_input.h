#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_BAD_INPUT_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_BAD_INPUT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace davit::commands {

// SPEC_INVALID with what to do next: exit code 2.
absl::Status BadInput(absl::string_view message, absl::string_view next_command);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_BAD_INPUT_H_
