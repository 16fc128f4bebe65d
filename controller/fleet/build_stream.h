#ifndef DAVIT_CONTROLLER_FLEET_BUILD_STREAM_H_
#define DAVIT_CONTROLLER_FLEET_BUILD_STREAM_H_

#include "absl/status/statusor.h"
#include "controller/fleet/worker_client.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit::fleet {

// A BuildImage call that blocks its caller, and yet ends soon after `call.cancel` does:
// within 50 ms. One piece of the context is on its way at a time: where the worker is
// slow, so is the taking of pieces. Errors are those of WorkerClient::BuildImage.
absl::StatusOr<v1::BuiltImage> BuildUntilCancelled(const std::string& host,
                                                   worker::v1::WorkerService::Stub& stub,
                                                   const worker::v1::BuildJob& job,
                                                   WorkerClient::ContextPieces context,
                                                   const Call& call, WorkerClient::BuildSink sink);

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_BUILD_STREAM_H_
