#include "client/commands/command_line/complete.h"

#include <CLI/CLI.hpp>
#include <set>

#include "absl/strings/match.h"
#include "client/commands/command_line/complete_remote.h"
#include "client/commands/command_line/verb_names.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "client/commands/rollback/rollback_request.h"

namespace davit::commands {
namespace {

using WordSet = std::set<std::string>;

WordSet ToSet(const std::vector<std::string>& words) { return {words.begin(), words.end()}; }

// What davit.yaml has, as far as it can be read; unset variables are empty.
spec::LoadResult ReadProject(const std::vector<std::string>& words, Invocation& invocation) {
  for (size_t i = 0; i + 2 < words.size(); ++i) {
    const bool is_file = words[i] == "--file" || (words[i] == "-f" && words[0] != "logs");
    if (is_file) invocation.common.file = words[i + 1];
  }
  const auto variable = invocation.variable;
  invocation.variable = [variable](const std::string& name) { return variable(name).value_or(""); };
  const absl::StatusOr<ProjectFile> file = ReadProjectFile(invocation, "");
  return file.ok() ? file->result : spec::LoadResult{};
}

WordSet EnvironmentNames(const spec::LoadResult& project) {
  WordSet names;
  for (const v1::EnvironmentSpec& spec : project.specs) names.insert(spec.environment());
  return names;
}

WordSet AllAppNames(const spec::LoadResult& project) {
  WordSet names;
  for (const v1::EnvironmentSpec& spec : project.specs) {
    for (const auto& [name, app] : spec.apps()) names.insert(name);
  }
  return names;
}

bool NamesAnEnvironment(const std::string& option) {
  return option == "-e" || option == "--env" || option == "--from" || option == "--to";
}

WordSet DatabaseNames(const spec::LoadResult& project) {
  WordSet names;
  for (const v1::EnvironmentSpec& spec : project.specs) {
    for (const auto& [name, database] : spec.databases()) names.insert(name);
  }
  return names;
}

bool TakesApps(const CLI::App& verb) { return verb.get_option_no_throw("app") != nullptr; }

bool TakesDatabases(const CLI::App& verb) {
  return verb.get_option_no_throw("database") != nullptr;
}

// Takes the options of an unfinished command line; what is wrong with it is no matter.
void TakeOptions(const std::vector<std::string>& words, CLI::App& app) {
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError&) {
  }
}

WordSet Positionals(const CLI::App& verb, const std::string& name) {
  return ToSet(verb.get_option(name)->results());
}

WordSet CandidatesOfRestore(const CLI::App& verb, Invocation& invocation) {
  const WordSet database = Positionals(verb, "database");
  if (database.empty()) return {};
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok() || !spec->databases().contains(*database.begin())) return {};
  return BackupsToComplete(invocation, *spec, *database.begin());
}

WordSet CandidatesOfRollback(const CLI::App& verb, Invocation& invocation) {
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return {};
  WordSet apps = Positionals(verb, "app");
  if (apps.empty()) {
    for (const auto& [name, app] : spec->apps()) apps.insert(name);
  }
  return ReleasesToComplete(invocation, *spec, apps);
}

WordSet Candidates(const std::vector<std::string>& words, CLI::App& app, Invocation& invocation) {
  const std::string& last = words.back();
  const std::string before = words.size() > 1 ? words[words.size() - 2] : "";
  const CLI::App& verb = NamedVerb({words.begin(), words.end() - 1}, app);
  const bool rollback = verb.get_name() == "rollback";
  if (rollback && before == "--schema") return ToSet(SchemaWords());
  const bool to_release = rollback && before == "--to";
  if (NamesAnEnvironment(before) && !to_release) {
    return EnvironmentNames(ReadProject(words, invocation));
  }
  if (absl::StartsWith(last, "-")) return ToSet(OptionNames(verb));
  if (verb.get_name() == "completion") return {"bash", "zsh", "fish"};
  const spec::LoadResult project = ReadProject(words, invocation);
  TakeOptions({words.begin(), words.end() - (to_release ? 2 : 1)}, app);
  if (to_release) return CandidatesOfRollback(verb, invocation);
  if (verb.get_name() == "restore" && !Positionals(verb, "database").empty()) {
    return CandidatesOfRestore(verb, invocation);
  }
  if (TakesDatabases(verb)) return DatabaseNames(project);
  return TakesApps(verb) ? AllAppNames(project) : ToSet(VerbNames(verb));
}

}  // namespace

int Complete(const std::vector<std::string>& words, CLI::App& app, Invocation& invocation) {
  if (words.empty()) return kLive;
  const bool help = words.size() > 1 && words[0] == kHelpVerb;
  const WordSet candidates =
      help ? ToSet(VerbNames(NamedVerb({words.begin() + 1, words.end() - 1}, app)))
           : Candidates(words, app, invocation);
  for (const std::string& candidate : candidates) {
    if (absl::StartsWith(candidate, words.back())) invocation.out << candidate << "\n";
  }
  invocation.out << std::flush;
  return kLive;
}

}  // namespace davit::commands
