#include <memory>
#include <string>

#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "client/output/deployment_text.h"
#include "client/output/json.h"

namespace davit::commands {
namespace {

// Of the environment that is named, else of the whole project: an id can be of any.
absl::StatusOr<v1::ListDeploymentsRequest> HistoryRequest(const Invocation& invocation) {
  v1::ListDeploymentsRequest request;
  if (invocation.common.environment.empty()) {
    const absl::StatusOr<std::string> project = ReadProjectName(invocation);
    if (!project.ok()) return project.status();
    request.set_project(*project);
    return request;
  }
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return spec.status();
  request.set_project(spec->project());
  request.set_environment(spec->environment());
  return request;
}

int History(const Invocation& invocation, int limit) {
  absl::StatusOr<v1::ListDeploymentsRequest> request = HistoryRequest(invocation);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  request->set_page_size(limit);
  const absl::StatusOr<v1::ListDeploymentsResponse> response =
      (*connection)->Call(&Connection::Stub::ListDeployments, *request);
  if (!response.ok()) return invocation.Fail(response.status());
  invocation.out << (invocation.common.json ? output::ToJsonListText(*response)
                                            : output::HistoryText(*response, absl::LocalTimeZone(),
                                                                  invocation.out_width));
  return kLive;
}

}  // namespace

void AddHistory(CLI::App& app, Invocation& invocation) {
  auto limit = std::make_shared<int>(20);
  CLI::App* verb = app.add_subcommand(
      "history", "Deployments of an environment, or of all of them, newest first");
  verb->add_option("-n,--limit", *limit, "Most entries")->check(CLI::Range(1, 1000));
  AddCommonOptions(*verb, invocation);
  verb->callback([limit, &invocation] {
    invocation.run = [limit, &invocation] { return History(invocation, *limit); };
  });
}

}  // namespace davit::commands
