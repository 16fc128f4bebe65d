#ifndef DAVIT_CONTROLLER_API_LOGS_HOST_TAIL_H_
#define DAVIT_CONTROLLER_API_LOGS_HOST_TAIL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/api/api_context.h"
#include "controller/api/logs/log_mixer.h"
#include "controller/api/logs/log_place.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// The logs of an app on one of its hosts, and for a follower those of its next containers.
class HostTail {
 public:
  // All but `host` outlive it.
  HostTail(const ApiContext& context, const v1::TailLogsRequest& request, std::string host,
           LogMixer& mixer);

  // Puts them into the mixer, beginning with what `ask` asks of `place`. OK when they ended, which
  // a follower's never do: CONTAINER_GONE when the host has the app no more, CANCELLED when the
  // mixer stops, and the worker's errors.
  absl::Status Run(LogPlace place, worker::v1::TailLogsRequest ask);

 private:
  absl::Status Tail(const worker::v1::TailLogsRequest& ask);
  void TellOfEnd();
  absl::StatusOr<worker::v1::TailLogsRequest> AwaitNext(LogPlace& place);

  const ApiContext& context_;
  const v1::TailLogsRequest& request_;
  const std::string host_;
  LogMixer& mixer_;
  bool told_ = false;  // that the container has ended, and has been silent since
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_LOGS_HOST_TAIL_H_
