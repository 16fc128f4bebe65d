#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deployments/deployment_id.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/exit_code.h"
#include "client/output/json.h"

namespace davit::commands {
namespace {

// What comes of it, as the controller's answer has it: a failure that it is not the cause of
// came first, and without any it was too late.
std::string WhatComesOfIt(const v1::Deployment& deployment) {
  if (deployment.failure().code() == v1::CANCELLED_BY_USER) return " stops and undoes what it did";
  if (deployment.has_failure()) return " has failed already, and undoes what it did";
  return " goes on: it is too late to cancel it";
}

int Cancel(const Invocation& invocation, const std::string& id) {
  if (id.empty()) {
    return invocation.Fail(BadInput("which deployment? its id, or the beginning of it, is missing",
                                    "list them with: davit history"));
  }
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::StatusOr<v1::Deployment> deployment = FindDeployment(invocation, **connection, id);
  if (!deployment.ok()) return invocation.Fail(deployment.status());
  v1::CancelDeploymentRequest request;
  request.set_id(deployment->id());
  request.set_cancelled_by(CallerName(invocation));
  const absl::StatusOr<v1::CancelDeploymentResponse> response =
      (*connection)->Call(&Connection::Stub::CancelDeployment, request);
  if (!response.ok()) return invocation.Fail(response.status(), deployment->id());
  if (invocation.common.json) {
    invocation.out << output::ToJsonText(*response);
  } else if (!invocation.common.quiet) {
    invocation.Tell(
        absl::StrCat("deployment ", deployment->id(), WhatComesOfIt(response->deployment()),
                     "; follow it with: davit watch ", deployment->id(), (*connection)->suffix()));
  }
  return kLive;
}

}  // namespace

void AddCancel(CLI::App& app, Invocation& invocation) {
  auto id = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand("cancel", "Stop a deployment and undo what it did");
  verb->add_option("deployment", *id, "Its id or the beginning of it");
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([id, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [id, &invocation] { return Cancel(invocation, *id); };
  });
}

}  // namespace davit::commands
