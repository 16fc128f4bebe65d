#include <memory>
#include <string>
#include <vector>

#include "client/commands/command_line/verbs.h"

namespace davit::commands {

void AddHelp(CLI::App& app) {
  auto verbs = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = app.add_subcommand(kHelpVerb, "What a verb does, and its options");
  verb->add_option("verb", *verbs, "The verb; by default all are listed");
  verb->callback([verbs] {});  // keeps the place of the option's value
}

}  // namespace davit::commands
