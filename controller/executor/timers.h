#ifndef DAVIT_CONTROLLER_EXECUTOR_TIMERS_H_
#define DAVIT_CONTROLLER_EXECUTOR_TIMERS_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "controller/executor/work.h"

namespace davit::executor {

// Hands work over when its time has come, from one thread of its own.
// Thread-safe.
class Timers {
 public:
  using Fire = std::function<void(InputWork)>;

  // `clock` outlives it. `fire` must not block.
  Timers(const Clock& clock, Fire fire);
  ~Timers();

  void Start();
  // Ends the thread and forgets all timers.
  void Stop();

  // A step has one timer, and so has a deployment, for work that is about no
  // step (`step_id` is empty). Arming again moves it.
  void Arm(absl::Time when, absl::string_view step_id, InputWork work);
  void Disarm(absl::string_view deployment_id, absl::string_view step_id);
  // All of a deployment.
  void DisarmAll(absl::string_view deployment_id);

  // Looks at the clock again now. It is looked at once a second at least, so
  // that a clock that jumps is noticed; this is for clocks that tests move.
  void Check();

 private:
  using Key = std::pair<std::string, std::string>;  // deployment, step
  struct Timer {
    absl::Time when;
    InputWork work;
  };

  void Run();
  // Takes what is due. Sets how long there is nothing to do.
  std::vector<InputWork> TakeDue(absl::Duration& pause) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Erase(std::map<Key, Timer>::iterator it) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const Fire fire_;
  absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool wake_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<Key, Timer> timers_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<absl::Time, Key>> order_ ABSL_GUARDED_BY(mutex_);  // of timers_
  std::thread thread_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_TIMERS_H_
