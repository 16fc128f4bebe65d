#include "controller/api/status/get_status.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/call.h"
#include "common/failure/failure.h"
#include "controller/api/environment.h"
#include "controller/api/status/container_check.h"
#include "controller/api/status/status_records.h"
#include "controller/api/status/stray_rows.h"
#include "controller/core/names.h"

namespace davit::api {
namespace {

using Answer = absl::StatusOr<worker::v1::GetHostResponse>;
using Answers = std::map<std::string, Answer>;  // by host

constexpr size_t kMostThreads = 128;  // hosts that are asked at the same time

Answer AskHost(const fleet::Fleet& fleet, const std::string& host,
               const worker::v1::GetHostRequest& request, const Call& call) {
  const auto worker = fleet.Find(host);
  if (!worker.ok()) return worker.status();
  const fleet::HostCondition condition = fleet.Condition(host);
  // It would only be waited for.
  if (condition.state == v1::Host::AWAY) return FailureStatus(*condition.problem);
  return (*worker)->GetHost(request, call);
}

// Asks all hosts at once.
Answers AskHosts(const fleet::Fleet& fleet, const std::set<std::string>& names,
                 const worker::v1::GetHostRequest& request, const Call& call) {
  const std::vector<std::string> hosts(names.begin(), names.end());
  std::vector<Answer> found(hosts.size());
  std::atomic<size_t> next = 0;
  const auto ask = [&] {
    for (size_t i = next++; i < hosts.size(); i = next++) {
      found[i] = AskHost(fleet, hosts[i], request, call);
    }
  };
  std::vector<std::thread> threads;
  while (threads.size() + 1 < std::min(hosts.size(), kMostThreads)) threads.emplace_back(ask);
  ask();
  for (std::thread& thread : threads) thread.join();
  Answers answers;
  for (size_t i = 0; i < hosts.size(); ++i) answers.emplace(hosts[i], std::move(found[i]));
  return answers;
}

// By what the host has just said, or has reported last.
HostContainers ContainersOn(const std::string& host, const Answers& answers,
                            const fleet::Fleet& fleet, const v1::GetStatusRequest& request) {
  HostContainers containers;
  const auto answer = answers.find(host);
  if (answer != answers.end() && answer->second.ok() && !answer->second->has_docker_failure()) {
    for (const auto& container : answer->second->containers()) {
      containers.apps.push_back(HostAppOf(container));
    }
    return containers;
  }
  const fleet::HostCondition condition = fleet.Condition(host);
  if (!condition.report) return containers;
  containers.now = condition.state != v1::Host::AWAY;
  for (const v1::HostApp& app : condition.report->apps()) {
    const bool ours =
        app.project() == request.project() && app.environment() == request.environment();
    if (ours) containers.apps.push_back(app);
  }
  return containers;
}

std::optional<Replacement> ReplacementOf(const StatusRecords& records, const std::string& app,
                                         const std::string& host) {
  if (!records.begun.contains({app, host})) return std::nullopt;
  if (records.running->operation() == v1::OPERATION_RESTORE) {
    return Replacement{records.running->id(), /*number=*/0};
  }
  for (const v1::Release& release : records.running->releases()) {
    if (release.app() == app) return Replacement{records.running->id(), release.number()};
  }
  return std::nullopt;
}

void AddLiveRows(const StatusRecords& records, const Answers& answers,
                 v1::GetStatusResponse& response) {
  for (const executor::LiveApp& app : records.live) {
    for (const std::string& host : app.hosts) {
      *response.add_apps() = AppStatusOf(app.release, host, answers.at(host),
                                         ReplacementOf(records, app.release.view().app(), host));
    }
  }
}

void AddStrayRows(const ApiContext& context, const v1::GetStatusRequest& request,
                  const StatusRecords& records, const Answers& answers,
                  v1::GetStatusResponse& response) {
  std::map<std::string, HostContainers> hosts;
  for (const std::string& host : context.fleet.Hosts()) {
    hosts[host] = ContainersOn(host, answers, context.fleet, request);
  }
  for (v1::AppStatus& row : StrayRows(records, request.environment(), hosts)) {
    *response.add_apps() = std::move(row);
  }
}

}  // namespace

absl::StatusOr<v1::GetStatusResponse> GetStatus(const ApiContext& context,
                                                const v1::GetStatusRequest& request,
                                                absl::Duration patience) {
  const absl::Status check = CheckEnvironmentNamed(request.project(), request.environment());
  if (!check.ok()) return check;
  StatusRecords records;
  const absl::Status read = context.store.View([&](store::ReadTxn& txn) {
    auto found = ReadStatusRecords(txn, request.project(), request.environment());
    if (!found.ok()) return found.status();
    records = *std::move(found);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;

  worker::v1::GetHostRequest ask;
  (*ask.mutable_container_labels())[core::kProjectLabel] = request.project();
  (*ask.mutable_container_labels())[core::kEnvironmentLabel] = request.environment();
  const Answers answers = AskHosts(context.fleet, records.hosts, ask, Call().Within(patience));

  v1::GetStatusResponse response;
  AddLiveRows(records, answers, response);
  AddStrayRows(context, request, records, answers, response);
  TellAttention(records, response);
  if (records.running) *response.mutable_running() = *std::move(records.running);
  return response;
}

}  // namespace davit::api
