#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_SHELL_COMMAND_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_SHELL_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Commands that users paste into a POSIX shell.
namespace davit::commands {

// `text` so that a shell takes it for one word.
std::string ShellWord(absl::string_view text);

// `davit` with the words after its name, and with `option` ("--yes") among its options.
std::string CommandWith(const std::vector<std::string>& words, absl::string_view option);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_SHELL_COMMAND_H_
