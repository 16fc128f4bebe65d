#include "controller/api/status/status_records.h"

#include <algorithm>

#include "controller/api/environment.h"

namespace davit::api {
namespace {

// How many deployments back one that needs attention is looked for.
constexpr int kDeploymentsBack = 50;

// From here on its containers are not as they were.
bool HasBegunToReplace(const v1::Step& step) {
  return step.attempt() > 0 && (step.phase() == v1::RELEASE || step.phase() == v1::CONFIRM ||
                                step.phase() == v1::ROLLBACK);
}

absl::Status ReadRunning(store::ReadTxn& txn, const std::string& project,
                         const std::string& environment, StatusRecords& records) {
  const auto lock = txn.GetLock(project, environment);
  if (!lock.ok()) return lock.status();
  if (!lock->has_value() || (*lock)->deployment_id().empty()) return absl::OkStatus();
  auto state = txn.GetDeployment((*lock)->deployment_id());
  if (!state.ok()) return state.status();
  for (const state::v1::StepRecord& step : state->steps) {
    const v1::Step& view = step.view();
    if (HasBegunToReplace(view)) records.begun.insert({view.app(), view.host()});
  }
  records.running = std::move(*state->record.mutable_view());
  return absl::OkStatus();
}

// Whose state the deployment's end says: those that it released, or that a restore which
// did not end well has stopped.
std::vector<std::string> AppsConcerned(const state::v1::DeploymentRecord& record) {
  const v1::Deployment& view = record.view();
  std::vector<std::string> apps;
  for (const v1::Release& release : view.releases()) apps.push_back(release.app());
  if (view.operation() != v1::OPERATION_RESTORE || view.state() == v1::SUCCEEDED) return apps;
  for (const auto& [app, release] : record.previous()) apps.push_back(app);
  return apps;
}

// A deployment that went back, or failed before it changed anything, leaves an earlier
// one's as it was.
absl::Status ReadAttention(store::ReadTxn& txn, const std::string& project,
                           const std::string& environment, StatusRecords& records) {
  store::DeploymentFilter filter;
  filter.project = project;
  filter.environment = environment;
  filter.limit = kDeploymentsBack;
  const auto newest = txn.ListDeployments(filter);
  if (!newest.ok()) return newest.status();
  std::set<std::string> settled;
  for (const state::v1::DeploymentRecord& record : *newest) {
    const v1::Deployment& view = record.view();
    if (view.state() != v1::SUCCEEDED && view.state() != v1::NEEDS_ATTENTION) continue;
    for (const std::string& app : AppsConcerned(record)) {
      if (!settled.insert(app).second) continue;
      if (view.state() == v1::NEEDS_ATTENTION) records.attention[app] = view;
    }
  }
  return absl::OkStatus();
}

void CollectHosts(StatusRecords& records) {
  for (const executor::LiveApp& app : records.live) {
    records.hosts.insert(app.hosts.begin(), app.hosts.end());
  }
  if (records.running) {
    records.hosts.insert(records.running->hosts().begin(), records.running->hosts().end());
  }
  for (const auto& [app, deployment] : records.attention) {
    records.hosts.insert(deployment.hosts().begin(), deployment.hosts().end());
  }
}

}  // namespace

const executor::LiveApp* StatusRecords::FindLive(const std::string& app) const {
  const auto found = std::find_if(live.begin(), live.end(), [&](const executor::LiveApp& other) {
    return other.release.view().app() == app;
  });
  return found == live.end() ? nullptr : &*found;
}

bool StatusRecords::IsBeingDeployed(const std::string& app) const {
  if (!running) return false;
  return std::any_of(running->releases().begin(), running->releases().end(),
                     [&](const v1::Release& release) { return release.app() == app; });
}

bool StatusRecords::IsAtWork(const std::string& app, const std::string& host) const {
  if (!IsBeingDeployed(app)) return false;
  const auto& hosts = running->hosts();
  return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

absl::StatusOr<StatusRecords> ReadStatusRecords(store::ReadTxn& txn, const std::string& project,
                                                const std::string& environment) {
  StatusRecords records;
  auto live = AppsOf(txn, project, environment);
  if (!live.ok()) return live.status();
  records.live = *std::move(live);
  absl::Status status = ReadRunning(txn, project, environment, records);
  if (status.ok()) status = ReadAttention(txn, project, environment, records);
  if (!status.ok()) return status;
  CollectHosts(records);
  return records;
}

}  // namespace davit::api
