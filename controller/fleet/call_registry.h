#ifndef DAVIT_CONTROLLER_FLEET_CALL_REGISTRY_H_
#define DAVIT_CONTROLLER_FLEET_CALL_REGISTRY_H_

#include <grpcpp/client_context.h>

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace davit::fleet {

// The asynchronous calls that are running, so that their owner can end them
// all and wait for it. Thread-safe.
class CallRegistry {
 public:
  // Every call is added before it starts and removed after its last callback.
  void Add(std::shared_ptr<grpc::ClientContext> context);
  void Remove(const grpc::ClientContext* context);

  // Returns when every call has been removed. One that is added from now on is
  // cancelled before it starts, and waited for too.
  void CancelAllAndWait();

 private:
  bool Empty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return contexts_.empty(); }

  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<const grpc::ClientContext*, std::shared_ptr<grpc::ClientContext>> contexts_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_CALL_REGISTRY_H_
