#include <utility>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/api/host_handlers.h"
#include "controller/api/host_records.h"
#include "controller/core/proto_time.h"

namespace davit::api {
namespace {

// Asks a host that nobody watches.
void Ask(const HostContext& context, v1::Host& host) {
  const auto worker = context.fleet.Find(host.name());
  if (!worker.ok()) return;
  const auto answer = (*worker)->GetHost({}, Call{}.Within(context.explanation));
  if (!answer.ok()) {
    host.set_state(v1::Host::AWAY);
    *host.mutable_problem() = FailureOf(answer.status());
    return;
  }
  *host.mutable_facts()->mutable_time() = core::ToProto(context.clock.Now());
  host.mutable_facts()->set_worker_version(answer->version());
  host.mutable_facts()->set_docker_version(answer->docker_version());
  if (answer->has_docker_failure()) *host.mutable_problem() = answer->docker_failure();
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
  } else {
    *response.mutable_host() = DescribeHost(context, *record);
    Ask(context, *response.mutable_host());
  }
  return response;
}

}  // namespace davit::api
