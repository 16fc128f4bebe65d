#include "controller/api/host_use.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/api/environment_hosts.h"

namespace davit::api {
namespace {

template <typename Names>
bool Has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DeploymentsOn(store::ReadTxn& txn,
                                                       const std::string& host) {
  const auto ids = txn.UnfinishedDeployments();
  if (!ids.ok()) return ids.status();
  std::vector<std::string> uses;
  for (const std::string& id : *ids) {
    const auto state = txn.GetDeployment(id);
    if (!state.ok()) return state.status();
    const v1::Deployment& view = state->record.view();
    if (!Has(view.hosts(), host)) continue;
    uses.push_back(absl::StrCat("deployment ", id, " of ", view.project(), "/", view.environment(),
                                " goes on there"));
  }
  return uses;
}

absl::StatusOr<bool> EnvironmentHas(store::ReadTxn& txn, const std::string& project,
                                    const std::string& environment, const std::string& host) {
  const auto hosts = EnvironmentHosts(txn, project, environment);
  if (IsFailure(hosts.status(), v1::NOT_FOUND)) return false;
  if (!hosts.ok()) return hosts.status();
  return Has(*hosts, host);
}

absl::StatusOr<std::vector<std::string>> LiveReleasesOn(store::ReadTxn& txn,
                                                        const std::string& host) {
  const auto locks = txn.ListLocks();
  if (!locks.ok()) return locks.status();
  std::vector<std::string> uses;
  for (const state::v1::LockRecord& lock : *locks) {
    const auto has = EnvironmentHas(txn, lock.project(), lock.environment(), host);
    if (!has.ok()) return has.status();
    if (!*has) continue;
    const auto live = txn.LiveReleases(lock.project(), lock.environment());
    if (!live.ok()) return live.status();
    for (const state::v1::ReleaseRecord& release : *live) {
      uses.push_back(absl::StrCat(release.view().app(), " v", release.view().number(), " of ",
                                  lock.project(), "/", lock.environment(), " is live there"));
    }
  }
  return uses;
}

absl::Status CheckUnused(const std::string& host, std::vector<std::string> uses) {
  if (uses.empty()) return absl::OkStatus();
  return FailureStatus(v1::HOST_IN_USE, absl::StrCat("host ", host, " is in use"), std::move(uses));
}

}  // namespace davit::api
