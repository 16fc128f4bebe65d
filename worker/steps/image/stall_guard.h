#ifndef DAVIT_WORKER_STEPS_IMAGE_STALL_GUARD_H_
#define DAVIT_WORKER_STEPS_IMAGE_STALL_GUARD_H_

#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call.h"

namespace davit::steps {

// Cancels work that gets no further: call() ends with the step's own call, or
// when `limit` has passed since the last Advance().
class StallGuard {
 public:
  StallGuard(const Call& parent, absl::Duration limit);
  ~StallGuard();
  StallGuard(const StallGuard&) = delete;
  StallGuard& operator=(const StallGuard&) = delete;

  Call call() const { return {parent_.deadline, &token_, parent_.steady_deadline}; }
  void Advance();
  bool stalled() const;

 private:
  void Watch();
  bool Expired();

  const Call parent_;
  const absl::Duration limit_;
  CancelToken token_;
  CancelToken over_;
  mutable absl::Mutex mutex_;
  absl::Time last_ ABSL_GUARDED_BY(mutex_);  // by the steady clock
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_IMAGE_STALL_GUARD_H_
