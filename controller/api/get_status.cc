#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/call.h"
#include "common/failure/failure.h"
#include "controller/api/container_check.h"
#include "controller/api/environment_hosts.h"
#include "controller/api/handlers.h"
#include "controller/api/request_check.h"

namespace davit::api {
namespace {

using Answer = absl::StatusOr<worker::v1::GetHostResponse>;

constexpr size_t kMostThreads = 128;  // hosts that are asked at the same time

// What the store knows, of one moment.
struct Records {
  std::vector<std::string> hosts;
  std::vector<state::v1::ReleaseRecord> live;
  std::optional<v1::Deployment> running;
};

absl::Status ReadRunning(store::ReadTxn& txn, const v1::GetStatusRequest& request,
                         Records& records) {
  const auto lock = txn.GetLock(request.project(), request.environment());
  if (!lock.ok()) return lock.status();
  if (!lock->has_value() || (*lock)->deployment_id().empty()) return absl::OkStatus();
  auto state = txn.GetDeployment((*lock)->deployment_id());
  if (!state.ok()) return state.status();
  records.running = std::move(*state->record.mutable_view());
  return absl::OkStatus();
}

absl::StatusOr<Records> Read(store::Store& store, const v1::GetStatusRequest& request) {
  Records records;
  const absl::Status status = store.View([&](store::ReadTxn& txn) {
    auto hosts = EnvironmentHosts(txn, request.project(), request.environment());
    if (!hosts.ok()) return hosts.status();
    records.hosts = *std::move(hosts);
    auto live = txn.LiveReleases(request.project(), request.environment());
    if (!live.ok()) return live.status();
    records.live = *std::move(live);
    return ReadRunning(txn, request, records);
  });
  if (!status.ok()) return status;
  return records;
}

Answer AskHost(const fleet::Fleet& fleet, const std::string& host,
               const worker::v1::GetHostRequest& request, const Call& call) {
  const auto worker = fleet.Find(host);
  if (!worker.ok()) return worker.status();
  const fleet::HostCondition condition = fleet.Condition(host);
  // It would only be waited for.
  if (condition.state == v1::Host::AWAY) return FailureStatus(*condition.problem);
  return (*worker)->GetHost(request, call);
}

// Asks all hosts at once; the answers are in the order of `hosts`.
std::vector<Answer> AskHosts(const fleet::Fleet& fleet, const std::vector<std::string>& hosts,
                             const worker::v1::GetHostRequest& request, const Call& call) {
  std::vector<Answer> answers(hosts.size());
  std::atomic<size_t> next = 0;
  const auto ask = [&] {
    for (size_t i = next++; i < hosts.size(); i = next++) {
      answers[i] = AskHost(fleet, hosts[i], request, call);
    }
  };
  std::vector<std::thread> threads;
  while (threads.size() + 1 < std::min(hosts.size(), kMostThreads)) threads.emplace_back(ask);
  ask();
  for (std::thread& thread : threads) thread.join();
  return answers;
}

}  // namespace

absl::StatusOr<v1::GetStatusResponse> GetStatus(const ApiContext& context,
                                                const v1::GetStatusRequest& request,
                                                absl::Duration patience) {
  const absl::Status check = CheckEnvironmentNamed(request.project(), request.environment());
  if (!check.ok()) return check;
  absl::StatusOr<Records> records = Read(context.store, request);
  if (!records.ok()) return records.status();

  worker::v1::GetHostRequest ask;
  (*ask.mutable_container_labels())["davit.project"] = request.project();
  (*ask.mutable_container_labels())["davit.environment"] = request.environment();
  const std::vector<Answer> answers =
      AskHosts(context.fleet, records->hosts, ask, Call().Within(patience));

  v1::GetStatusResponse response;
  for (const state::v1::ReleaseRecord& release : records->live) {
    for (size_t i = 0; i < answers.size(); ++i) {
      *response.add_apps() = AppStatusOf(release, records->hosts[i], answers[i]);
    }
  }
  if (records->running) *response.mutable_running() = *std::move(records->running);
  return response;
}

}  // namespace davit::api
