#ifndef DAVIT_CONTROLLER_FLEET_LOG_TAIL_H_
#define DAVIT_CONTROLLER_FLEET_LOG_TAIL_H_

#include <grpcpp/support/status.h>

#include <functional>

#include "absl/functional/function_ref.h"
#include "common/call.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit::fleet {

// A TailLogs call that blocks its caller, and yet ends soon after `call.cancel`
// does: within 50 ms. OK when `sink` wanted no more; CANCELLED and
// DEADLINE_EXCEEDED without details when `call` ended it.
grpc::Status TailLogsUntilCancelled(
    worker::v1::WorkerService::Stub& stub, const worker::v1::TailLogsRequest& request,
    const Call& call, absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)> sink);

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_LOG_TAIL_H_
