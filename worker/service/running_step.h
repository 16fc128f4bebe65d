#ifndef DAVIT_WORKER_SERVICE_RUNNING_STEP_H_
#define DAVIT_WORKER_SERVICE_RUNNING_STEP_H_

#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/call.h"
#include "worker/service/journal.h"
#include "worker/service/outcome.h"
#include "worker/service/step_feed.h"

namespace davit::service {

// A step that the worker knows: one that runs, or one that has ended and is not
// acknowledged. Thread-safe.
class RunningStep {
 public:
  explicit RunningStep(Intent intent) : intent_(std::move(intent)), feed_(intent_.key.step_id()) {}

  const Intent& intent() const { return intent_; }
  // Fence 0: runs without a promise and is forgotten when it ends.
  bool journaled() const { return intent_.fence > 0; }
  StepFeed& feed() { return feed_; }
  Call call() const { return {intent_.time + intent_.timeout, &token_}; }

  // Tells it to stop. The first reason counts.
  void Stop(StopReason reason) {
    {
      absl::MutexLock lock(&mutex_);
      if (stop_reason_ == StopReason::kNone) stop_reason_ = reason;
    }
    token_.Cancel();
  }
  StopReason stop_reason() const {
    absl::MutexLock lock(&mutex_);
    return stop_reason_;
  }

 private:
  const Intent intent_;
  StepFeed feed_;
  CancelToken token_;
  mutable absl::Mutex mutex_;
  StopReason stop_reason_ ABSL_GUARDED_BY(mutex_) = StopReason::kNone;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_RUNNING_STEP_H_
