#ifndef DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMPLETE_H_
#define DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMPLETE_H_

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "client/commands/invocation/invocation.h"

namespace davit::commands {

// The hidden verb that the shells' completion scripts call with the words after
// `davit`, the one that is being typed last.
inline constexpr char kCompleteVerb[] = "__complete";

// What may stand in place of the last word, one a line: verbs and options as the
// command line declares them, environments, apps and databases from davit.yaml, releases and
// backups from the controller. What the options say is taken over into the invocation.
int Complete(const std::vector<std::string>& words, CLI::App& app, Invocation& invocation);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_COMMAND_LINE_COMPLETE_H_
