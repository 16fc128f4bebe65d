#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deploy/plan_call.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/effective_spec.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/output/change_text.h"
#include "client/output/json.h"
#include "client/output/plan_text.h"

namespace davit::commands {
namespace {

struct PlanOptions {
  ReleaseOptions release;
  bool detailed_exit_code = false;
  bool show_defaults = false;
};

int Plan(const Invocation& invocation, const PlanOptions& options) {
  absl::StatusOr<v1::DeploymentRequest> deployment = ReadRequest(invocation, options.release);
  if (!deployment.ok()) return invocation.Fail(deployment.status());
  const auto connection = OpenWithSecrets(invocation, deployment->spec());
  if (!connection.ok()) return invocation.Fail(connection.status());
  v1::PlanDeploymentRequest request;
  *request.mutable_deployment() = *std::move(deployment);
  const absl::StatusOr<v1::PlanDeploymentResponse> plan =
      AskForPlan(invocation, **connection, request);
  if (!plan.ok()) return invocation.Fail(plan.status());
  invocation.out << (invocation.common.json ? output::ToJsonText(*plan)
                                            : output::PlanText(*plan, request.deployment().spec(),
                                                               invocation.out_width))
                 << std::flush;
  return options.detailed_exit_code && output::HasChanges(*plan) ? kChanges : kLive;
}

}  // namespace

void AddPlan(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App* verb = app.add_subcommand(
      "plan", "Show what a deployment would change, and its steps; changes nothing");
  AddReleaseOptions(*verb, options->release);
  AddCommonOptions(*verb, invocation);
  verb->add_flag("--detailed-exitcode", options->detailed_exit_code,
                 "End with 10 when something would change, with 0 when nothing would");
  verb->add_flag("--show-defaults", options->show_defaults, kShowDefaultsHelp);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      return options->show_defaults ? ShowDefaults(invocation) : Plan(invocation, *options);
    };
  });
}

}  // namespace davit::commands
