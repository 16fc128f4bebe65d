#ifndef DAVIT_CONTROLLER_API_CONTAINER_CHECK_H_
#define DAVIT_CONTROLLER_API_CONTAINER_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::api {

// How `release` does on `host`, by what the host said: its container's state, and
// what is wrong when that is not what the record says.
v1::AppStatus AppStatusOf(const state::v1::ReleaseRecord& release, const std::string& host,
                          const absl::StatusOr<worker::v1::GetHostResponse>& answer);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_CONTAINER_CHECK_H_
