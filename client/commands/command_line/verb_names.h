#ifndef DAVIT_CLIENT_COMMANDS_COMMAND_LINE_VERB_NAMES_H_
#define DAVIT_CLIENT_COMMANDS_COMMAND_LINE_VERB_NAMES_H_

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace davit::commands {

// What the command line declares: the verbs of `app`, in their order.
std::vector<std::string> VerbNames(const CLI::App& app);

// The verb, or the verb's verb, that `words` name; `app` itself when they name none.
const CLI::App& NamedVerb(const std::vector<std::string>& words, const CLI::App& app);

// The options of a verb with their dashes: "--local", "-e".
std::vector<std::string> OptionNames(const CLI::App& verb);

// "; did you mean `--local`?" for the first of `words` that neither the verb nor
// its verbs know and that is near to one they do; empty when nothing is near.
std::string SuggestionFor(const std::vector<std::string>& words, const CLI::App& app);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_COMMAND_LINE_VERB_NAMES_H_
