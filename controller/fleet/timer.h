#ifndef DAVIT_CONTROLLER_FLEET_TIMER_H_
#define DAVIT_CONTROLLER_FLEET_TIMER_H_

#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace davit::fleet {

// Runs things later. Thread-safe.
class Timer {
 public:
  virtual ~Timer() = default;

  // Time since some moment; never goes back, whatever the time of day does.
  virtual absl::Duration Uptime() const = 0;
  // Runs `action` once after `delay`, or never when the timer ends before. Actions
  // run one at a time and must be short.
  virtual void After(absl::Duration delay, std::function<void()> action) = 0;
};

// A timer with one thread, whatever the number of actions.
class ThreadTimer final : public Timer {
 public:
  ThreadTimer();
  // Drops what is still to come; waits for an action that is running.
  ~ThreadTimer() override;

  absl::Duration Uptime() const override;
  void After(absl::Duration delay, std::function<void()> action) override;

 private:
  void Run();

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  absl::Mutex mutex_;
  std::multimap<absl::Duration, std::function<void()>> actions_ ABSL_GUARDED_BY(mutex_);
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_TIMER_H_
