#include "client/commands/project/effective_spec.h"

#include <utility>

#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "common/spec/effective_yaml.h"
#include "nlohmann/json.hpp"

namespace davit::commands {

absl::StatusOr<std::string> EffectiveSpecText(const Invocation& invocation) {
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return spec.status();
  absl::StatusOr<ProjectFile> file = ReadProjectFile(invocation, spec->environment());
  if (!file.ok()) return file.status();
  file->result =
      spec::LoadProject(file->text, {invocation.variable, spec->environment(), /*origins=*/true});
  // Between the two readings the file may have been written.
  if (absl::Status problems = ProblemsOf(*file); !problems.ok()) return problems;
  return spec::EffectiveYaml(file->result.specs.front(), file->result.origins.front(), file->path);
}

int ShowDefaults(const Invocation& invocation) {
  const absl::StatusOr<std::string> text = EffectiveSpecText(invocation);
  if (!text.ok()) return invocation.Fail(text.status());
  if (invocation.common.json) {
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    invocation.out << nlohmann::json{{"effective", *text}}.dump(-1, ' ', false, kReplace)
                   << std::endl;
  } else {
    invocation.out << *text << std::flush;
  }
  return kLive;
}

}  // namespace davit::commands
