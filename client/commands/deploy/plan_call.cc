#include "client/commands/deploy/plan_call.h"

#include <memory>

#include "absl/time/time.h"
#include "client/commands/databases/database_request.h"
#include "client/commands/deploy/waiting_line.h"
#include "client/output/waiting_text.h"

namespace davit::commands {
namespace {

// Every host is observed, and every image asked for at its registry.
constexpr absl::Duration kPlanTimeout = absl::Seconds(120);
// Silence that nobody wonders about.
constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr absl::Duration kWaitedTimeout = absl::Seconds(2);

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

}  // namespace

absl::StatusOr<v1::PlanDeploymentResponse> AskForPlan(const Invocation& invocation,
                                                      Connection& connection,
                                                      const v1::PlanDeploymentRequest& request) {
  const absl::Status understood = CheckIsUnderstood(connection, request.deployment());
  if (!understood.ok()) return understood;
  const WaitingLine line(kPatience, [&] {
    if (!invocation.common.quiet) TellWhoIsWaitedFor(invocation, request.deployment().spec());
  });
  return connection.Call(&Connection::Stub::PlanDeployment, request, kPlanTimeout);
}

}  // namespace davit::commands
