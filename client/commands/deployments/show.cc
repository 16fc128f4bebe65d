#include <memory>
#include <string>

#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deployments/deployment_id.h"
#include "client/commands/invocation/exit_code.h"
#include "client/output/deployment_text.h"
#include "client/output/json.h"
#include "client/output/next_command.h"

namespace davit::commands {
namespace {

int Show(const Invocation& invocation, const std::string& id) {
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  absl::StatusOr<v1::Deployment> deployment = FindDeployment(invocation, **connection, id);
  if (!deployment.ok()) return invocation.Fail(deployment.status());
  if (invocation.common.json) {
    v1::GetDeploymentResponse response;
    *response.mutable_deployment() = *deployment;
    invocation.out << output::ToJsonText(response);
  } else {
    output::CompleteCommands(*deployment, (*connection)->suffix());
    invocation.out << output::DeploymentText(*deployment, absl::LocalTimeZone(),
                                             invocation.OutStyle());
  }
  return kLive;
}

}  // namespace

void AddShow(CLI::App& app, Invocation& invocation) {
  auto id = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand("show", "One deployment with its steps and failures");
  verb->add_option("deployment", *id, "Its id or the beginning of it; by default the newest");
  AddCommonOptions(*verb, invocation);
  verb->callback(
      [id, &invocation] { invocation.run = [id, &invocation] { return Show(invocation, *id); }; });
}

}  // namespace davit::commands
