#ifndef DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMMAND_LINE_H_
#define DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "client/commands/invocation/invocation.h"

namespace davit::commands {

// Parses the arguments after the program's name and runs the verb. The exit code, which is
// no 0 where what was asked for could not be written.
int RunCommandLine(const std::vector<std::string>& arguments, Invocation& invocation);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMMAND_LINE_H_
