#include "client/commands/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "client/commands/exit_code.h"
#include "client/commands/verbs.h"

namespace davit::commands {
namespace {

constexpr char kDescription[] =
    "Davit releases containers step by step, and takes them back when they are bad.";

void AddVerbs(CLI::App& app, Invocation& invocation) {
  app.name("davit");
  app.require_subcommand(1);
  AddDeploy(app, invocation);
  AddAgent(app, invocation);
}

int ShowParseError(const CLI::App& app, const CLI::ParseError& error, const Invocation& invocation) {
  const bool help = error.get_exit_code() == 0;
  app.exit(error, invocation.out, invocation.err);
  return help ? kLive : kBadInput;
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments, Invocation& invocation) {
  CLI::App app(kDescription);
  AddVerbs(app, invocation);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return ShowParseError(app, error, invocation);
  }
  return invocation.run();
}

}  // namespace davit::commands
