#ifndef DAVIT_CLIENT_COMMANDS_PROJECT_PROJECT_FILE_H_
#define DAVIT_CLIENT_COMMANDS_PROJECT_PROJECT_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/commands/invocation/invocation.h"
#include "common/spec/loader.h"
#include "davit/v1/spec.pb.h"

namespace davit::commands {

// A davit.yaml that was read.
struct ProjectFile {
  std::string path;
  std::string text;
  spec::LoadResult result;
};

// The file that --file names, or the nearest davit.yaml from the working
// directory upwards. SPEC_INVALID when there is none.
absl::StatusOr<std::string> FindProjectFile(const CommonOptions& options);

// Reads the file, whatever is wrong with its contents. With `environment`, only
// that one is checked.
absl::StatusOr<ProjectFile> ReadProjectFile(const Invocation& invocation,
                                            const std::string& environment);

// SPEC_INVALID with all problems, laid out; OK when there are none.
absl::Status ProblemsOf(const ProjectFile& file);

// The environment that the options name, or the only one there is.
absl::StatusOr<v1::EnvironmentSpec> LoadEnvironment(const Invocation& invocation);
// The environment of that name.
absl::StatusOr<v1::EnvironmentSpec> LoadEnvironment(const Invocation& invocation,
                                                    const std::string& name);

// The project's name, where no environment is meant: whatever else is wrong with the
// file. SPEC_INVALID when it has no environment.
absl::StatusOr<std::string> ReadProjectName(const Invocation& invocation);
absl::StatusOr<std::string> ProjectNameOf(const ProjectFile& file);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_PROJECT_PROJECT_FILE_H_
