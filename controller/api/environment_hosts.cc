#include "controller/api/environment_hosts.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::api {

absl::StatusOr<std::vector<std::string>> EnvironmentHosts(store::ReadTxn& txn,
                                                          absl::string_view project,
                                                          absl::string_view environment) {
  store::DeploymentFilter filter;
  filter.project = std::string(project);
  filter.environment = std::string(environment);
  filter.limit = 1;
  const auto latest = txn.ListDeployments(filter);
  if (!latest.ok()) return latest.status();
  if (latest->empty()) {
    return FailureStatus(v1::NOT_FOUND, absl::StrCat("nothing was ever deployed to ", environment,
                                                     " of project ", project));
  }
  const auto& hosts = latest->front().view().hosts();
  return std::vector<std::string>(hosts.begin(), hosts.end());
}

}  // namespace davit::api
