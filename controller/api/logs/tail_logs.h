#ifndef DAVIT_CONTROLLER_API_LOGS_TAIL_LOGS_H_
#define DAVIT_CONTROLLER_API_LOGS_TAIL_LOGS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "controller/api/api_context.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// DeploymentService.TailLogs without gRPC. Calls `sink`, one call at a time and from several
// threads, until it returns false, the logs end, or `client_gone`, which is asked ten times a
// second, says so. The logs of the other hosts go on when one fails; the errors of all that did are
// the parts of the one that is returned. A follower goes on with the next container where one ends,
// and fails with CONTAINER_GONE where there is to be none. A message without a stream tells it at
// once of a container that has ended, and of one of several hosts that fails.
absl::Status TailLogs(const ApiContext& context, const v1::TailLogsRequest& request,
                      absl::FunctionRef<bool()> client_gone,
                      absl::FunctionRef<bool(const v1::TailLogsResponse&)> sink);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_LOGS_TAIL_LOGS_H_
