#include "controller/api/finish.h"

#include <spdlog/spdlog.h>

#include <string>

#include "common/rpc/grpc_status.h"

namespace davit::api {

grpc::Status Leave(const char* method, const absl::Status& status) {
  if (absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status)) {
    spdlog::error("{}: {}", method, std::string(status.message()));
  }
  return ToGrpcStatus(status);
}

}  // namespace davit::api
