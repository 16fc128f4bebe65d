#include "controller/fleet/timer.h"

#include <utility>

namespace davit::fleet {

ThreadTimer::ThreadTimer() : thread_([this] { Run(); }) {}

ThreadTimer::~ThreadTimer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_ = true;
  }
  thread_.join();
}

absl::Duration ThreadTimer::Uptime() const {
  return absl::FromChrono(std::chrono::steady_clock::now() - start_);
}

void ThreadTimer::After(absl::Duration delay, std::function<void()> action) {
  const absl::Duration when = Uptime() + delay;
  absl::MutexLock lock(&mutex_);
  actions_.emplace(when, std::move(action));
  changed_ = true;
}

void ThreadTimer::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    changed_ = false;
    const absl::Duration pause =
        actions_.empty() ? absl::InfiniteDuration() : actions_.begin()->first - Uptime();
    if (pause > absl::ZeroDuration()) {
      mutex_.AwaitWithTimeout(absl::Condition(&changed_), pause);
      continue;
    }
    const std::function<void()> action = std::move(actions_.begin()->second);
    actions_.erase(actions_.begin());
    mutex_.Unlock();
    action();
    mutex_.Lock();
  }
}

}  // namespace davit::fleet
