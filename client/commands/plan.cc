#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/commands/connection.h"
#include "client/commands/exit_code.h"
#include "client/commands/project_file.h"
#include "client/commands/request.h"
#include "client/commands/verbs.h"
#include "client/commands/waiting_line.h"
#include "client/output/json.h"
#include "client/output/plan_text.h"

namespace davit::commands {
namespace {

// Every host is observed, and every image asked for at its registry.
constexpr absl::Duration kPlanTimeout = absl::Seconds(120);
// Silence that nobody wonders about.
constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr absl::Duration kWaitedTimeout = absl::Seconds(2);
constexpr absl::Duration kStatusTimeout = absl::Seconds(10);

// A plan is worth having without them.
void AddIdleNotes(Connection& connection, v1::PlanDeploymentResponse& plan) {
  v1::GetStatusRequest request;
  request.set_project(plan.deployment().project());
  request.set_environment(plan.deployment().environment());
  const absl::StatusOr<v1::GetStatusResponse> status =
      connection.Call(&Connection::Stub::GetStatus, request, kStatusTimeout, Repeat::kNo);
  if (!status.ok()) return;
  for (std::string& note : output::IdleNotes(plan.deployment(), *status)) {
    plan.add_notes(std::move(note));
  }
}

// For whom the controller waits, as far as it knows. On a connection of its own: that of
// the plan is in use.
void TellWhoIsWaitedFor(const Invocation& invocation, const v1::EnvironmentSpec& spec) {
  v1::ListHostsResponse known;
  const auto connection = invocation.common.local ? absl::UnavailableError("it is this machine")
                                                  : Connection::Open(invocation);
  if (connection.ok()) {
    const absl::StatusOr<v1::ListHostsResponse> hosts =
        (*connection)
            ->Call(&Connection::HostStub::ListHosts, v1::ListHostsRequest(), kWaitedTimeout,
                   Repeat::kNo);
    if (hosts.ok()) known = *hosts;
  }
  invocation.Tell(output::WaitingLineText({spec.hosts().begin(), spec.hosts().end()}, known));
}

absl::StatusOr<v1::PlanDeploymentResponse> AskForPlan(const Invocation& invocation,
                                                      Connection& connection,
                                                      const v1::PlanDeploymentRequest& request) {
  const WaitingLine line(kPatience, [&] {
    if (!invocation.common.quiet) TellWhoIsWaitedFor(invocation, request.deployment().spec());
  });
  return connection.Call(&Connection::Stub::PlanDeployment, request, kPlanTimeout);
}

int Plan(const Invocation& invocation, const ReleaseOptions& options) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  if (invocation.common.local) NotePlacement(invocation, *spec);
  absl::StatusOr<v1::DeploymentRequest> deployment = MakeDeploymentRequest(*spec, options);
  if (!deployment.ok()) return invocation.Fail(deployment.status());
  deployment->set_submitted_by(CallerName(invocation));
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  v1::PlanDeploymentRequest request;
  *request.mutable_deployment() = *std::move(deployment);
  absl::StatusOr<v1::PlanDeploymentResponse> response =
      AskForPlan(invocation, **connection, request);
  if (!response.ok()) return invocation.Fail(response.status());
  AddIdleNotes(**connection, *response);
  invocation.out << (invocation.common.json ? output::ToJsonText(*response)
                                            : output::PlanText(*response, invocation.out_width));
  return kLive;
}

}  // namespace

void AddPlan(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<ReleaseOptions>();
  CLI::App* verb = app.add_subcommand("plan", "Show the steps of a deployment; changes nothing");
  AddReleaseOptions(*verb, *options);
  AddFileOptions(*verb, invocation);
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Plan(invocation, *options); };
  });
}

}  // namespace davit::commands
