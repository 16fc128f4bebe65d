#include "controller/api/hosts/host_use.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"
#include "controller/executor/live_apps.h"

namespace davit::api {
namespace {

using AppKey = std::tuple<std::string, std::string, std::string>;  // project, environment, app

std::string InWords(const std::string& app, int64_t number, const std::string& project,
                    const std::string& environment) {
  return absl::StrCat(core::AppVersion(app, number), " of ", project, "/", environment);
}

absl::Status AddLive(store::ReadTxn& txn, const std::string& host, HostUse& use,
                     std::set<AppKey>& live) {
  const auto locks = txn.ListLocks();
  if (!locks.ok()) return locks.status();
  for (const state::v1::LockRecord& lock : *locks) {
    const auto apps = executor::LiveApps(txn, lock.project(), lock.environment());
    if (!apps.ok()) return apps.status();
    for (const executor::LiveApp& app : *apps) {
      if (!app.IsOn(host)) continue;
      const v1::Release& release = app.release.view();
      live.insert({lock.project(), lock.environment(), release.app()});
      use.live.push_back(
          absl::StrCat(InWords(release.app(), release.number(), lock.project(), lock.environment()),
                       " is live there"));
    }
  }
  return absl::OkStatus();
}

void AddRunning(const fleet::HostCondition& condition, const std::set<AppKey>& live, HostUse& use) {
  if (!condition.report) return;
  const bool heard = condition.state != v1::Host::AWAY;
  for (const v1::HostApp& app : condition.report->apps()) {
    if (!core::IsUp(app)) continue;
    if (live.contains({app.project(), app.environment(), app.app()})) continue;
    use.containers.push_back(app.container());
    use.running.push_back(
        absl::StrCat(InWords(app.app(), app.release(), app.project(), app.environment()),
                     heard ? " runs there" : " ran there when the host was last heard of",
                     " (container ", app.container(), ")"));
  }
}

std::string WhatToDo(const std::string& host, const HostUse& use) {
  if (!use.deployments.empty()) {
    const std::string& id = use.deployments.front();
    return absl::StrCat("wait for it with `davit watch ", id, "`, or end it with `davit cancel ",
                        id, "`");
  }
  const std::string by_force = absl::StrCat("; `davit hosts remove ", host,
                                            " --force` forgets the host and leaves them running");
  if (!use.live.empty()) {
    return absl::StrCat("take ", host, " out of `hosts` in davit.yaml, deploy, and end on ", host,
                        " what goes on running there; then remove it", by_force);
  }
  return absl::StrCat("end them with `docker rm -f ", absl::StrJoin(use.containers, " "), "` on ",
                      host, ", then remove it", by_force);
}

}  // namespace

absl::StatusOr<HostUse> DeploymentsOn(store::ReadTxn& txn, const std::string& host) {
  const auto ids = txn.UnfinishedDeployments();
  if (!ids.ok()) return ids.status();
  HostUse use;
  for (const std::string& id : *ids) {
    const auto state = txn.GetDeployment(id);
    if (!state.ok()) return state.status();
    const auto& hosts = state->record.view().hosts();
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) continue;
    use.deployments.push_back(id);
  }
  return use;
}

absl::StatusOr<HostUse> UseOf(store::ReadTxn& txn, const std::string& host,
                              const fleet::HostCondition& condition) {
  auto use = DeploymentsOn(txn, host);
  if (!use.ok()) return use.status();
  std::set<AppKey> live;
  if (absl::Status status = AddLive(txn, host, *use, live); !status.ok()) return status;
  AddRunning(condition, live, *use);
  return use;
}

absl::Status CheckUnused(const std::string& host, const HostUse& use) {
  std::vector<std::string> uses;
  for (const std::string& id : use.deployments) {
    uses.push_back(absl::StrCat("deployment ", id, " goes on there"));
  }
  uses.insert(uses.end(), use.live.begin(), use.live.end());
  uses.insert(uses.end(), use.running.begin(), use.running.end());
  if (uses.empty()) return absl::OkStatus();
  v1::Failure failure =
      MakeFailure(v1::HOST_IN_USE, absl::StrCat("host ", host, " is in use"), std::move(uses));
  failure.set_next_command(WhatToDo(host, use));
  return FailureStatus(failure);
}

}  // namespace davit::api
