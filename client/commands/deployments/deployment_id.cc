#include "client/commands/deployments/deployment_id.h"

#include "absl/strings/str_cat.h"
#include "client/commands/project/project_file.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

// The environment is needed only because no id was given.
absl::Status OrGiveTheId(const absl::Status& error) {
  v1::Failure failure = FailureOf(error);
  failure.set_next_command(absl::StrCat(failure.next_command(), "; or give the deployment's id"));
  return FailureStatus(failure);
}

// No or more than one deployment is of that id: the list has them.
absl::Status SeeHistory(const absl::Status& error) {
  v1::Failure failure = FailureOf(error);
  if (failure.code() != v1::SPEC_INVALID && failure.code() != v1::NOT_FOUND) return error;
  failure.set_next_command("list what there is with `davit history`");
  return FailureStatus(failure);
}

absl::StatusOr<std::string> NewestId(const Invocation& invocation, Connection& connection) {
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return OrGiveTheId(spec.status());
  v1::ListDeploymentsRequest request;
  request.set_project(spec->project());
  request.set_environment(spec->environment());
  request.set_page_size(1);
  const auto response = connection.Call(&Connection::Stub::ListDeployments, request);
  if (!response.ok()) return response.status();
  if (!response->deployments().empty()) return response->deployments(0).id();
  v1::Failure failure = MakeFailure(
      v1::NOT_FOUND, absl::StrCat("nothing was deployed to ", spec->environment(), " yet"));
  failure.set_next_command(absl::StrCat("davit deploy -e ", spec->environment()));
  return FailureStatus(failure);
}

}  // namespace

absl::StatusOr<v1::Deployment> FindDeployment(const Invocation& invocation, Connection& connection,
                                              const std::string& text) {
  // An environment that is not there is a mistake even where the id alone would do.
  if (!text.empty() && !invocation.common.environment.empty()) {
    const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
    if (!spec.ok()) return spec.status();
  }
  const absl::StatusOr<std::string> id =
      text.empty() ? NewestId(invocation, connection) : absl::StatusOr<std::string>(text);
  if (!id.ok()) return id.status();
  v1::GetDeploymentRequest request;
  request.set_id(*id);
  absl::StatusOr<v1::GetDeploymentResponse> response =
      connection.Call(&Connection::Stub::GetDeployment, request);
  if (!response.ok()) return SeeHistory(response.status());
  return std::move(*response->mutable_deployment());
}

}  // namespace davit::commands
