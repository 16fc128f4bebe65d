#include "client/commands/effective_spec.h"

#include <utility>

#include "client/commands/project_file.h"
#include "common/spec/effective_yaml.h"

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

}  // namespace davit::commands
