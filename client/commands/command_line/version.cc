#include "client/local/version.h"

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"
#include "nlohmann/json.hpp"

namespace davit::commands {
namespace {

int Version(const Invocation& invocation) {
  if (invocation.common.json) {
    invocation.out << nlohmann::json{{"version", local::kVersion}}.dump() << std::endl;
  } else {
    invocation.out << VersionText() << std::endl;
  }
  return kLive;
}

}  // namespace

std::string VersionText() { return absl::StrCat("davit ", local::kVersion); }

void AddVersion(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("version", "The version of this program");
  AddOutputOptions(*verb, invocation);
  verb->callback([&invocation] { invocation.run = [&invocation] { return Version(invocation); }; });
}

}  // namespace davit::commands
