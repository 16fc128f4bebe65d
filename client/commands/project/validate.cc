#include <memory>
#include <set>
#include <string>

#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/effective_spec.h"
#include "client/commands/project/project_file.h"
#include "client/output/text.h"
#include "nlohmann/json.hpp"

namespace davit::commands {
namespace {

size_t CountApps(const spec::LoadResult& result) {
  std::set<std::string> apps;
  for (const v1::EnvironmentSpec& spec : result.specs) {
    for (const auto& [name, app] : spec.apps()) apps.insert(name);
  }
  return apps.size();
}

void PrintJson(const Invocation& invocation, const ProjectFile& file) {
  nlohmann::json json = {{"file", file.path}, {"ok", file.result.ok()}};
  json["problems"] = nlohmann::json::array();
  for (const spec::Problem& problem : file.result.problems) {
    json["problems"].push_back(
        {{"line", problem.line}, {"column", problem.column}, {"message", problem.message}});
  }
  invocation.out << json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

int Validate(const Invocation& invocation) {
  const absl::StatusOr<ProjectFile> file =
      ReadProjectFile(invocation, invocation.common.environment);
  if (!file.ok()) return invocation.Fail(file.status());
  if (invocation.common.json) {
    PrintJson(invocation, *file);
    return file->result.ok() ? kLive : kBadInput;
  }
  if (absl::Status problems = ProblemsOf(*file); !problems.ok()) return invocation.Fail(problems);
  const auto& result = file->result;
  invocation.out << "ok: " << output::Count(static_cast<int64_t>(CountApps(result)), "app") << ", "
                 << output::Count(static_cast<int64_t>(result.specs.size()), "environment")
                 << std::endl;
  return kLive;
}

}  // namespace

void AddValidate(CLI::App& app, Invocation& invocation) {
  auto show_defaults = std::make_shared<bool>(false);
  CLI::App* verb = app.add_subcommand("validate", "Check davit.yaml, all environments of it");
  AddProjectFileOption(*verb, invocation);
  verb->add_option("-e,--env", invocation.common.environment, "Only this environment");
  verb->add_flag("--show-defaults", *show_defaults, kShowDefaultsHelp);
  AddOutputOptions(*verb, invocation);
  verb->callback([show_defaults, &invocation] {
    invocation.run = [show_defaults, &invocation] {
      return *show_defaults ? ShowDefaults(invocation) : Validate(invocation);
    };
  });
}

}  // namespace davit::commands
