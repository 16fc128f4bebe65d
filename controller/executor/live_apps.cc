#include "controller/executor/live_apps.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace davit::executor {
namespace {

// Of a deployment. Empty when there is none of that id.
absl::StatusOr<std::vector<std::string>> HostsOf(store::ReadTxn& txn, const std::string& id) {
  const auto record = RecordOf(txn, id);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return std::vector<std::string>();
  const auto& hosts = (*record)->view().hosts();
  return std::vector<std::string>(hosts.begin(), hosts.end());
}

}  // namespace

absl::StatusOr<std::optional<state::v1::DeploymentRecord>> RecordOf(store::ReadTxn& txn,
                                                                    const std::string& id) {
  store::DeploymentFilter filter;
  filter.before_id = absl::StrCat(id, "!");  // the next text after `id` that is no id
  filter.limit = 1;
  auto records = txn.ListDeployments(filter);
  if (!records.ok()) return records.status();
  if (records->empty() || records->front().view().id() != id) return std::nullopt;
  return std::move(records->front());
}

bool LiveApp::IsOn(absl::string_view host) const {
  return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

absl::StatusOr<std::vector<LiveApp>> LiveApps(store::ReadTxn& txn, absl::string_view project,
                                              absl::string_view environment) {
  auto releases = txn.LiveReleases(project, environment);
  if (!releases.ok()) return releases.status();
  std::vector<LiveApp> apps;
  for (state::v1::ReleaseRecord& release : *releases) {
    auto hosts = HostsOf(txn, release.view().deployment_id());
    if (!hosts.ok()) return hosts.status();
    apps.push_back({std::move(release), *std::move(hosts)});
  }
  return apps;
}

}  // namespace davit::executor
