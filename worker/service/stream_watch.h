#ifndef DAVIT_WORKER_SERVICE_STREAM_WATCH_H_
#define DAVIT_WORKER_SERVICE_STREAM_WATCH_H_

#include <grpcpp/server_context.h>

#include <thread>

#include "common/call.h"

namespace davit::service {

// Turns the end of an RPC into a cancelled Call for as long as it lives, so that
// blocking calls end soon after their caller has gone (100 ms).
class StreamWatch {
 public:
  explicit StreamWatch(const grpc::ServerContext& context);
  ~StreamWatch();
  StreamWatch(const StreamWatch&) = delete;
  StreamWatch& operator=(const StreamWatch&) = delete;

  // Without a deadline; valid while the watch lives.
  Call call() const { return {absl::InfiniteFuture(), &gone_}; }

 private:
  CancelToken gone_;
  CancelToken over_;
  std::thread thread_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_STREAM_WATCH_H_
