#ifndef DAVIT_CONTROLLER_API_BUILDS_BUILD_IMAGE_H_
#define DAVIT_CONTROLLER_API_BUILDS_BUILD_IMAGE_H_

#include "absl/status/statusor.h"
#include "common/call.h"
#include "controller/api/builds/build_service.h"
#include "davit/v1/build_service.pb.h"

namespace davit::api {

// BuildImage without gRPC: finds the host and the secrets, and relays. `pieces` gives the
// context until an empty one; the values of secrets go to the worker and nowhere else.
// SPEC_INVALID, SECRET_MISSING, HOST_UNKNOWN and HOST_UNREACHABLE before anything was
// taken of it, then the worker's.
absl::StatusOr<v1::BuiltImage> BuildImage(const BuildServiceContext& context,
                                          const v1::BuildHeader& header,
                                          fleet::WorkerClient::ContextPieces pieces,
                                          const Call& call, fleet::WorkerClient::BuildSink sink);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_BUILDS_BUILD_IMAGE_H_
