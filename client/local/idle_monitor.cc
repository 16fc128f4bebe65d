#include "client/local/idle_monitor.h"

namespace davit::local {

IdleMonitor::IdleMonitor(const Clock& clock, absl::Duration limit)
    : clock_(clock), limit_(limit), last_activity_(clock.Now()) {}

void IdleMonitor::CallStarted() {
  absl::MutexLock lock(&mutex_);
  ++open_calls_;
}

void IdleMonitor::CallEnded() {
  absl::MutexLock lock(&mutex_);
  --open_calls_;
  last_activity_ = clock_.Now();
}

bool IdleMonitor::MayEnd(bool busy) {
  absl::MutexLock lock(&mutex_);
  if (busy || open_calls_ > 0) last_activity_ = clock_.Now();
  return clock_.Now() - last_activity_ >= limit_;
}

}  // namespace davit::local
