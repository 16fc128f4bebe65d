#include "controller/api/environment.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::api {

absl::Status CheckEnvironmentNamed(absl::string_view project, absl::string_view environment) {
  if (!project.empty() && !environment.empty()) return absl::OkStatus();
  return FailureStatus(v1::SPEC_INVALID, "project and environment must be given");
}

absl::StatusOr<std::vector<executor::LiveApp>> AppsOf(store::ReadTxn& txn,
                                                      absl::string_view project,
                                                      absl::string_view environment) {
  auto live = executor::LiveApps(txn, project, environment);
  if (!live.ok() || !live->empty()) return live;
  store::DeploymentFilter filter;
  filter.project = std::string(project);
  filter.environment = std::string(environment);
  filter.limit = 1;
  const auto latest = txn.ListDeployments(filter);
  if (!latest.ok()) return latest.status();
  if (!latest->empty()) return live;
  return FailureStatus(v1::NOT_FOUND, absl::StrCat("nothing was ever deployed to ", environment,
                                                   " of project ", project));
}

}  // namespace davit::api
