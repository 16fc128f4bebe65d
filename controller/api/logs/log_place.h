#ifndef DAVIT_CONTROLLER_API_LOGS_LOG_PLACE_H_
#define DAVIT_CONTROLLER_API_LOGS_LOG_PLACE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/api/api_context.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::api {

// Where an app serves.
struct LogPlace {
  int64_t release = 0;  // its number
  std::vector<std::string> hosts;
  worker::v1::ContainerSpec container;
  bool changing = false;  // by a deployment that is running
};

// Of the app that is asked for. NOT_FOUND when no release of it is live.
absl::StatusOr<LogPlace> ReadLogPlace(const ApiContext& context,
                                      const v1::TailLogsRequest& request);

// What its workers are asked, with the `lines` to begin with. The error of a secret that cannot be
// read: what is shown goes through the worker's mask, or is not shown.
absl::StatusOr<worker::v1::TailLogsRequest> LogsAskedOf(const ApiContext& context,
                                                        const v1::TailLogsRequest& request,
                                                        const LogPlace& place, int lines);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_LOGS_LOG_PLACE_H_
