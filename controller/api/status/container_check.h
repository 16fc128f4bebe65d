#ifndef DAVIT_CONTROLLER_API_STATUS_CONTAINER_CHECK_H_
#define DAVIT_CONTROLLER_API_STATUS_CONTAINER_CHECK_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::api {

// A deployment that is replacing an app's container on a host just now.
struct Replacement {
  std::string deployment_id;
  int64_t number = 0;  // of the release that comes; 0: it is stopped for a restore
};

// How `release` does on `host`, by what the host said: its container's state, and
// what is wrong, or runs instead, when that is not what the record says.
v1::AppStatus AppStatusOf(const state::v1::ReleaseRecord& release, const std::string& host,
                          const absl::StatusOr<worker::v1::GetHostResponse>& answer,
                          const std::optional<Replacement>& replacement);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_STATUS_CONTAINER_CHECK_H_
