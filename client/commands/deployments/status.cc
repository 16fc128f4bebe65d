#include <algorithm>
#include <string>

#include "absl/time/clock.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"
#include "client/output/deployment_text.h"
#include "client/output/host_text.h"
#include "client/output/json.h"
#include "client/output/next_command.h"
#include "client/output/wrap.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kHostsTimeout = absl::Seconds(5);

// Hosts of the environment that are not as they should be, before anything waits for
// them. A controller that does not know its hosts has nothing to say here.
void TellHostProblems(const Invocation& invocation, Connection& connection,
                      const v1::EnvironmentSpec& spec) {
  const absl::StatusOr<v1::ListHostsResponse> response = connection.Call(
      &Connection::HostStub::ListHosts, v1::ListHostsRequest(), kHostsTimeout, Repeat::kNo);
  if (!response.ok()) return;
  for (const v1::Host& host : response->hosts()) {
    const auto& names = spec.hosts();
    if (std::find(names.begin(), names.end(), host.name()) == names.end()) continue;
    const std::string line = output::HostProblemLine(host, absl::Now());
    if (!line.empty()) {
      invocation.out << output::HangText("", line, invocation.out_width) << std::flush;
    }
  }
}

// The controller cannot know by which options it is reached.
void CompleteProblems(absl::string_view options, v1::GetStatusResponse& response) {
  for (v1::AppStatus& app : *response.mutable_apps()) {
    app.set_problem(output::CompleteCommands(app.problem(), options));
  }
}

int ShowStatus(const Invocation& invocation) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  if (invocation.common.local) PutOnThisMachine(*spec);
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  if (!invocation.common.json) TellHostProblems(invocation, **connection, *spec);
  v1::GetStatusRequest request;
  request.set_project(spec->project());
  request.set_environment(spec->environment());
  absl::StatusOr<v1::GetStatusResponse> response =
      (*connection)->Call(&Connection::Stub::GetStatus, request);
  if (!response.ok()) return invocation.Fail(response.status());
  if (!invocation.common.json) CompleteProblems((*connection)->suffix(), *response);
  invocation.out << (invocation.common.json
                         ? output::ToJsonListText(*response)
                         : output::StatusText(*response, absl::Now(), invocation.out_width));
  return kLive;
}

}  // namespace

void AddStatus(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("status", "What runs in an environment");
  AddCommonOptions(*verb, invocation);
  verb->callback(
      [&invocation] { invocation.run = [&invocation] { return ShowStatus(invocation); }; });
}

}  // namespace davit::commands
