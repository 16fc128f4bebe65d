#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/commands/connection/call_and_show.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/shell_command.h"
#include "client/commands/project/project_file.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/commands/secrets/secret_input.h"
#include "client/commands/secrets/secret_verbs.h"
#include "client/output/text.h"
#include "common/failure/failure.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

// Without the words themselves: one of them is the value.
absl::Status ValueOnCommandLine() {
  return BadInput(
      "there is more on the command line than the secret's name: a value is never taken from "
      "there, where every user of this machine can read it and the shell keeps it",
      "give it on standard input: davit secrets set NAME < FILE; and take another value if this "
      "one was real");
}

// A misspelt name would be found out by the next deployment only. The name may be
// meant for a line that is still to be written.
void NoteUnknownName(const Invocation& invocation, const ProjectFile& file,
                     const std::string& name) {
  if (invocation.common.quiet || !file.result.ok()) return;
  const std::string& environment = invocation.common.environment;
  std::set<std::string> known;
  for (const v1::EnvironmentSpec& spec : file.result.specs) {
    if (environment.empty() || spec.environment() == environment) known.merge(SecretNames(spec));
  }
  if (known.contains(name)) return;
  invocation.Tell(
      absl::StrCat("note: ", file.path, " refers to no secret ", output::Sanitize(name),
                   environment.empty() ? "" : absl::StrCat(" in ", environment),
                   spec::DidYouMean(name, std::vector<std::string>(known.begin(), known.end()))));
}

// The advice of an error that no value could be read, with the secret, the environment and the
// file that were given: without them it would set another secret.
absl::Status ForThisSecret(const absl::Status& error, const Invocation& invocation,
                           const std::string& name) {
  const CommonOptions& common = invocation.common;
  std::string command = absl::StrCat("davit secrets set ", ShellWord(name));
  if (!common.environment.empty()) {
    absl::StrAppend(&command, " -e ", ShellWord(common.environment));
  }
  if (!common.file.empty()) absl::StrAppend(&command, " -f ", ShellWord(common.file));
  v1::Failure failure = FailureOf(error);
  absl::StrReplaceAll({{"davit secrets set NAME", command}}, failure.mutable_next_command());
  return FailureStatus(failure);
}

int SetTheSecret(const Invocation& invocation, const std::string& name, bool extra) {
  if (extra || absl::StrContains(name, '=')) return invocation.Fail(ValueOnCommandLine());
  const absl::StatusOr<ProjectFile> file = ReadProjectFile(invocation, "");
  if (!file.ok()) return invocation.Fail(file.status());
  const auto project = ProjectOfSecrets(invocation, *file);
  if (!project.ok()) return invocation.Fail(project.status());
  const std::string& environment = invocation.common.environment;
  auto value = ReadSecretValue(
      invocation,
      absl::StrCat("Value of ", SecretPlace(name, *project, environment), " (it is not shown): "));
  if (!value.ok()) return invocation.Fail(ForThisSecret(value.status(), invocation, name));
  v1::SetSecretRequest request;
  request.set_project(*project);
  request.set_environment(environment);
  request.set_name(name);
  request.set_value(*std::move(value));
  request.set_set_by(CallerName(invocation));
  return CallAndShow<Connection::SecretStub, v1::SetSecretRequest, v1::SetSecretResponse>(
      invocation, &Connection::SecretStub::SetSecret, request, kSecretTimeout, Repeat::kNo,
      [&](const v1::SetSecretResponse& response) {
        NoteUnknownName(invocation, *file, name);
        invocation.Tell(absl::StrCat(SecretPlace(name, *project, environment), ": version ",
                                     response.secret().version(),
                                     " is set; it counts from the next deployment on"));
      });
}

}  // namespace

void AddSecretSet(CLI::App& secrets, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb = secrets.add_subcommand(
      "set", "Give a secret a value, from standard input or a prompt that does not show it");
  verb->add_option("name", *name, "The secret, as env.secret refers to it")->required();
  AddSecretOptions(*verb, invocation,
                   "The environment that it is for; by default every one that has none of its own");
  // The parser would repeat what it did not expect: a value.
  verb->allow_extras();
  verb->callback([name, verb, &invocation] {
    const bool extra = verb->remaining_size() > 0;
    invocation.run = [name, extra, &invocation] { return SetTheSecret(invocation, *name, extra); };
  });
}

}  // namespace davit::commands
