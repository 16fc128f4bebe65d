#ifndef DAVIT_COMMON_RPC_CALLER_WATCH_H_
#define DAVIT_COMMON_RPC_CALLER_WATCH_H_

#include <grpcpp/server_context.h>

#include <thread>

#include "common/call.h"

namespace davit {

// Turns the end of an RPC into a cancelled Call for as long as it lives, so that what
// it waits for ends soon after its caller has gone (100 ms).
class CallerWatch {
 public:
  explicit CallerWatch(const grpc::ServerContext& context);
  ~CallerWatch();
  CallerWatch(const CallerWatch&) = delete;
  CallerWatch& operator=(const CallerWatch&) = delete;

  // Without a deadline; valid while the watch lives.
  Call call() const { return {absl::InfiniteFuture(), &gone_}; }

 private:
  CancelToken gone_;
  CancelToken over_;
  std::thread thread_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_CALLER_WATCH_H_
