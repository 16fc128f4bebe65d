#ifndef DAVIT_WORKER_SERVICE_RUNNING_STEP_H_
#define DAVIT_WORKER_SERVICE_RUNNING_STEP_H_

#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/call.h"
#include "common/steady_time.h"
#include "worker/service/journal.h"
#include "worker/service/outcome.h"
#include "worker/service/step_feed.h"

namespace davit::service {

// Steps that change nothing. There is nothing to find out after a crash: whoever
// still wants to know has them run again.
inline bool OnlyLooks(const worker::v1::StepSpec& spec) {
  return spec.has_observe() || spec.has_resolve_image() || spec.has_preflight() ||
         spec.has_check_health() || spec.has_wait_database();
}

// A step that the worker knows: one that runs, or one that has ended and is not
// acknowledged. Thread-safe.
class RunningStep {
 public:
  // May run for `time_left` from now, however the time of day is set meanwhile.
  RunningStep(Intent intent, absl::Duration time_left)
      : intent_(std::move(intent)),
        deadline_(SteadyNow() + time_left),
        feed_(intent_.key.step_id()) {}

  const Intent& intent() const { return intent_; }
  // Fence 0: runs for somebody who only asks, and is forgotten when it ends.
  bool fenced() const { return intent_.fence > 0; }
  // Whether its intent and its result are on disk before anybody hears of them.
  bool journaled() const { return fenced() && !OnlyLooks(intent_.spec); }
  StepFeed& feed() { return feed_; }
  Call call() const { return {.cancel = &token_, .steady_deadline = deadline_}; }
  StepLimits limits() const { return {stop_reason(), SteadyNow() >= deadline_}; }

  // Whether it was begun for a controller that the worker no longer follows.
  bool disowned() const {
    absl::MutexLock lock(&mutex_);
    return disowned_;
  }
  // For ever; it is told to stop as well.
  void Disown() {
    {
      absl::MutexLock lock(&mutex_);
      disowned_ = true;
    }
    Stop(StopReason::kDisowned);
  }

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
  const absl::Time deadline_;  // by the steady clock
  StepFeed feed_;
  CancelToken token_;
  mutable absl::Mutex mutex_;
  StopReason stop_reason_ ABSL_GUARDED_BY(mutex_) = StopReason::kNone;
  bool disowned_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_RUNNING_STEP_H_
