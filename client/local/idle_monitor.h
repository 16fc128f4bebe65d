#ifndef DAVIT_CLIENT_LOCAL_IDLE_MONITOR_H_
#define DAVIT_CLIENT_LOCAL_IDLE_MONITOR_H_

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace davit::local {

// Tells when nobody has wanted anything for so long that an agent may end.
// Thread-safe.
class IdleMonitor {
 public:
  // `clock` outlives the monitor.
  IdleMonitor(const Clock& clock, absl::Duration limit);

  void CallStarted();
  void CallEnded();
  // Whether no call is open and none ended, and nothing was busy, for the
  // limit. `busy`: work goes on now without a call.
  bool MayEnd(bool busy);

 private:
  const Clock& clock_;
  const absl::Duration limit_;
  absl::Mutex mutex_;
  int open_calls_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_activity_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_IDLE_MONITOR_H_
