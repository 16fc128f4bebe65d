#include <utility>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/api/hosts/handlers.h"
#include "controller/api/hosts/records.h"

namespace davit::api {
namespace {

// Who asks.
absl::StatusOr<worker::v1::WatchHostRequest> Ourselves(const HostContext& context) {
  worker::v1::WatchHostRequest request;
  const absl::Status read = context.store.View([&](store::ReadTxn& txn) {
    const auto identity = txn.Identity();
    if (!identity.ok()) return identity.status();
    request.set_cluster_id(identity->cluster_id);
    request.set_controller_id(identity->controller_id);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return request;
}

// Of a host that nobody watches: what it says when it is asked.
absl::StatusOr<fleet::HostCondition> Ask(const HostContext& context, const std::string& name) {
  fleet::HostCondition condition = context.fleet.Condition(name);
  const auto worker = context.fleet.Find(name);
  if (!worker.ok()) return worker.status();
  const auto request = Ourselves(context);
  if (!request.ok()) return request.status();
  auto report = (*worker)->FirstReport(*request, Call{}.Within(context.explanation));
  if (report.ok()) {
    if (report->has_docker_failure()) condition.problem = report->docker_failure();
    condition.report = *std::move(report);
  } else {
    condition.state = v1::Host::AWAY;
    condition.problem = FailureOf(report.status());
  }
  return condition;
}

}  // namespace

absl::StatusOr<v1::GetHostResponse> GetHost(const HostContext& context,
                                            const v1::GetHostRequest& request) {
  const auto record = FindHostRecord(context, request.name());
  if (!record.ok()) return record.status();
  v1::GetHostResponse response;
  const auto monitor = context.fleet.Monitor(request.name());
  if (monitor != nullptr) {
    *response.mutable_host() =
        DescribeHost(*record, monitor->Explained(absl::Now() + context.explanation));
    return response;
  }
  if (!context.fleet.Find(request.name()).ok()) {
    *response.mutable_host() = DescribeHost(context, *record);
    return response;
  }
  const auto condition = Ask(context, request.name());
  if (!condition.ok()) return condition.status();
  *response.mutable_host() = DescribeHost(*record, *condition);
  return response;
}

}  // namespace davit::api
