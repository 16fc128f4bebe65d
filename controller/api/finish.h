#ifndef DAVIT_CONTROLLER_API_FINISH_H_
#define DAVIT_CONTROLLER_API_FINISH_H_

#include <grpcpp/support/status.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace davit::api {

// How a call ends. What only a defect can cause is logged.
grpc::Status Leave(const char* method, const absl::Status& status);

// The same for a call with one answer.
template <typename Response>
grpc::Status Finish(const char* method, absl::StatusOr<Response> result, Response* response) {
  const absl::Status status = result.status();
  if (status.ok()) *response = *std::move(result);
  return Leave(method, status);
}

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_FINISH_H_
