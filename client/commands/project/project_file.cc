#include "client/commands/project/project_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/invocation/bad_input.h"
#include "client/output/text.h"
#include "common/failure/failure.h"
#include "common/spec/problem_list.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

constexpr char kFileName[] = "davit.yaml";
// One byte more than the loader takes, so that it can say that it is too much.
constexpr std::streamsize kMaxBytes = (1 << 20) + 1;

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::error_code error;
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  const int reason = std::filesystem::is_directory(path, error) ? EISDIR : errno;
  if (!in || reason == EISDIR) {
    return BadInput(absl::StrCat(path, " cannot be read: ", std::strerror(reason)),
                    "check the path after --file");
  }
  std::string text(kMaxBytes, '\0');
  in.read(text.data(), kMaxBytes);
  text.resize(in.gcount());
  return text;
}

std::string Names(const std::vector<v1::EnvironmentSpec>& specs) {
  return absl::StrJoin(specs, ", ", [](std::string* out, const v1::EnvironmentSpec& spec) {
    absl::StrAppend(out, spec.environment());
  });
}

absl::Status NoSuchEnvironment(const ProjectFile& file, const std::string& name,
                               const std::vector<v1::EnvironmentSpec>& specs) {
  std::vector<std::string> names;
  for (const v1::EnvironmentSpec& spec : specs) names.push_back(spec.environment());
  return BadInput(absl::StrCat("there is no environment \"", name, "\" in ", file.path,
                               spec::DidYouMean(name, names)),
                  absl::StrCat("name one that there is: ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<v1::EnvironmentSpec> Select(const ProjectFile& file, const std::string& name) {
  const auto& specs = file.result.specs;
  if (name.empty() && specs.size() == 1) return specs[0];
  if (name.empty()) {
    return BadInput(absl::StrCat("which environment? ", file.path, " has ", Names(specs)),
                    "name one with -e");
  }
  for (const v1::EnvironmentSpec& spec : specs) {
    if (spec.environment() == name) return spec;
  }
  return NoSuchEnvironment(file, name, specs);
}

// SPEC_INVALID with the names that there are when `file` lacks `name`; OK when it
// has it, whatever is wrong with it.
absl::Status CheckEnvironment(const ProjectFile& file, const std::string& name) {
  const auto nothing = [](const std::string&) { return std::optional<std::string>(""); };
  const spec::LoadResult all = spec::LoadProject(file.text, {nothing, ""});
  for (const v1::EnvironmentSpec& spec : all.specs) {
    if (spec.environment() == name) return absl::OkStatus();
  }
  return all.specs.empty() ? absl::OkStatus() : NoSuchEnvironment(file, name, all.specs);
}

}  // namespace

absl::StatusOr<std::string> FindProjectFile(const CommonOptions& options) {
  if (!options.file.empty()) return options.file;
  std::error_code error;
  std::filesystem::path directory = std::filesystem::current_path(error);
  for (; !error; directory = directory.parent_path()) {
    const std::filesystem::path candidate = directory / kFileName;
    if (std::filesystem::exists(candidate, error)) {
      const auto here = std::filesystem::current_path(error);
      return directory == here ? std::string(kFileName) : candidate.string();
    }
    if (directory == directory.root_path()) break;
  }
  return BadInput("there is no davit.yaml here or in a directory above",
                  "write one with: davit init");
}

absl::StatusOr<ProjectFile> ReadProjectFile(const Invocation& invocation,
                                            const std::string& environment) {
  ProjectFile file;
  absl::StatusOr<std::string> path = FindProjectFile(invocation.common);
  if (!path.ok()) return path.status();
  file.path = *std::move(path);
  absl::StatusOr<std::string> text = ReadText(file.path);
  if (!text.ok()) return text.status();
  file.text = *std::move(text);
  file.result = spec::LoadProject(file.text, {invocation.variable, environment});
  return file;
}

absl::Status ProblemsOf(const ProjectFile& file) {
  const auto& problems = file.result.problems;
  if (problems.empty()) return absl::OkStatus();
  std::string text = spec::FormatProblems(file.path, file.text, problems);
  if (text.empty() || text.back() != '\n') text += '\n';
  return FailureStatus(
      v1::SPEC_INVALID,
      absl::StrCat(
          text, file.path, ": ", output::Count(static_cast<int64_t>(problems.size()), "problem"),
          problems.size() < spec::ProblemList::kMost ? "" : "; further ones are not listed", "\n"));
}

absl::StatusOr<std::string> ReadProjectName(const Invocation& invocation) {
  const absl::StatusOr<ProjectFile> file = ReadProjectFile(invocation, "");
  return file.ok() ? ProjectNameOf(*file) : file.status();
}

absl::StatusOr<std::string> ProjectNameOf(const ProjectFile& file) {
  if (!file.result.specs.empty()) return file.result.specs[0].project();
  if (absl::Status problems = ProblemsOf(file); !problems.ok()) return problems;
  return BadInput(absl::StrCat(file.path, " has no environment"), "add one to `environments`");
}

absl::StatusOr<v1::EnvironmentSpec> LoadEnvironment(const Invocation& invocation) {
  return LoadEnvironment(invocation, invocation.common.environment);
}

absl::StatusOr<v1::EnvironmentSpec> LoadEnvironment(const Invocation& invocation,
                                                    const std::string& name) {
  const absl::StatusOr<ProjectFile> file = ReadProjectFile(invocation, name);
  if (!file.ok()) return file.status();
  if (!name.empty() && file->result.specs.empty()) {
    if (absl::Status unknown = CheckEnvironment(*file, name); !unknown.ok()) return unknown;
  }
  if (absl::Status problems = ProblemsOf(*file); !problems.ok()) return problems;
  return Select(*file, name);
}

}  // namespace davit::commands
