#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/call_and_show.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/project/project_file.h"
#include "client/commands/secrets/secret_verbs.h"
#include "client/output/secret_text.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

// That lead a later command to the secrets of the same place.
std::string OptionsOf(const Invocation& invocation) {
  const std::string& environment = invocation.common.environment;
  return absl::StrCat(environment.empty() ? "" : absl::StrCat(" -e ", environment),
                      invocation.ConnectionOptions());
}

int ListSecrets(const Invocation& invocation) {
  const auto project = ProjectOfSecrets(invocation);
  if (!project.ok()) return invocation.Fail(project.status());
  v1::ListSecretsRequest request;
  request.set_project(*project);
  request.set_environment(invocation.common.environment);
  return CallAndShow<Connection::SecretStub, v1::ListSecretsRequest, v1::ListSecretsResponse>(
      invocation, &Connection::SecretStub::ListSecrets, request, kSecretTimeout, Repeat::kYes,
      [&](const v1::ListSecretsResponse& secrets) {
        invocation.out << output::SecretListText(secrets, OptionsOf(invocation),
                                                 absl::LocalTimeZone(), invocation.out_width)
                       << std::flush;
      });
}

constexpr char kListHelp[] =
    "Only those that apply in this environment: its own and the whole project's";

void AddSecretList(CLI::App& secrets, Invocation& invocation) {
  CLI::App* verb = secrets.add_subcommand("list", "The secrets' names and versions, no values");
  AddSecretOptions(*verb, invocation, kListHelp);
  verb->callback(
      [&invocation] { invocation.run = [&invocation] { return ListSecrets(invocation); }; });
}

}  // namespace

void AddSecretOptions(CLI::App& verb, Invocation& invocation, const std::string& environment_help) {
  verb.add_option("-f,--file", invocation.common.file,
                  "The project's file; by default davit.yaml here or in a directory above");
  verb.add_option("-e,--env", invocation.common.environment, environment_help);
  AddConnectionOptions(verb, invocation);
  AddOutputOptions(verb, invocation);
}

absl::StatusOr<std::string> ProjectOfSecrets(const Invocation& invocation) {
  const absl::StatusOr<ProjectFile> file = ReadProjectFile(invocation, "");
  if (!file.ok()) return file.status();
  return ProjectOfSecrets(invocation, *file);
}

absl::StatusOr<std::string> ProjectOfSecrets(const Invocation& invocation,
                                             const ProjectFile& file) {
  const auto& specs = file.result.specs;
  if (specs.empty()) return ProjectNameOf(file);
  const std::string& wanted = invocation.common.environment;
  if (wanted.empty()) return specs[0].project();
  std::vector<std::string> names;
  for (const v1::EnvironmentSpec& spec : specs) {
    if (spec.environment() == wanted) return spec.project();
    names.push_back(spec.environment());
  }
  return BadInput(absl::StrCat("there is no environment \"", wanted, "\" in ", file.path,
                               spec::DidYouMean(wanted, names)),
                  "name one that there is, or leave -e out for the whole project");
}

std::string SecretPlace(const std::string& name, const std::string& project,
                        const std::string& environment) {
  return absl::StrCat(name, " of ",
                      environment.empty() ? absl::StrCat("project ", project) : environment);
}

void AddSecrets(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("secrets", "Values that apps refer to by name");
  AddSecretOptions(*verb, invocation, kListHelp);
  AddSecretSet(*verb, invocation);
  AddSecretList(*verb, invocation);
  AddSecretRemove(*verb, invocation);
  verb->callback([verb, &invocation] {
    if (!verb->get_subcommands().empty()) return;
    invocation.run = [&invocation] { return ListSecrets(invocation); };
  });
}

}  // namespace davit::commands
