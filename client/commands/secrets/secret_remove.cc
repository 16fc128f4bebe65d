#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/connection/call_and_show.h"
#include "client/commands/secrets/secret_verbs.h"
#include "client/output/text.h"

namespace davit::commands {
namespace {

int RemoveTheSecret(const Invocation& invocation, const std::string& name) {
  const auto project = ProjectOfSecrets(invocation);
  if (!project.ok()) return invocation.Fail(project.status());
  v1::RemoveSecretRequest request;
  request.set_project(*project);
  request.set_environment(invocation.common.environment);
  request.set_name(name);
  request.set_removed_by(CallerName(invocation));
  return CallAndShow<Connection::SecretStub, v1::RemoveSecretRequest, v1::RemoveSecretResponse>(
      invocation, &Connection::SecretStub::RemoveSecret, request, kSecretTimeout, Repeat::kNo,
      [&](const v1::RemoveSecretResponse&) {
        if (invocation.common.quiet) return;
        invocation.Tell(
            absl::StrCat(output::Sanitize(SecretPlace(name, *project, request.environment())),
                         " is forgotten, in all its versions; containers that have it go on"));
      });
}

}  // namespace

void AddSecretRemove(CLI::App& secrets, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb = secrets.add_subcommand("remove", "Forget a secret, in all its versions");
  verb->add_option("name", *name, "The secret")->required();
  AddSecretOptions(*verb, invocation, "The environment whose it is; by default the project's");
  verb->callback([name, &invocation] {
    invocation.run = [name, &invocation] { return RemoveTheSecret(invocation, *name); };
  });
}

}  // namespace davit::commands
