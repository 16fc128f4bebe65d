#include "absl/time/clock.h"
#include "client/commands/connection.h"
#include "client/commands/exit_code.h"
#include "client/commands/project_file.h"
#include "client/commands/verbs.h"
#include "client/output/deployment_text.h"
#include "client/output/json.h"

namespace davit::commands {
namespace {

int Status(const Invocation& invocation) {
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  v1::GetStatusRequest request;
  request.set_project(spec->project());
  request.set_environment(spec->environment());
  const absl::StatusOr<v1::GetStatusResponse> response =
      (*connection)->Call(&Connection::Stub::GetStatus, request);
  if (!response.ok()) return invocation.Fail(response.status());
  invocation.out << (invocation.common.json ? output::ToJsonText(*response)
                                            : output::StatusText(*response, absl::Now()));
  return kLive;
}

}  // namespace

void AddStatus(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("status", "What runs in an environment");
  AddFileOptions(*verb, invocation);
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([&invocation] { invocation.run = [&invocation] { return Status(invocation); }; });
}

}  // namespace davit::commands
