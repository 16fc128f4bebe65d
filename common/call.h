#ifndef DAVIT_COMMON_CALL_H_
#define DAVIT_COMMON_CALL_H_

#include <condition_variable>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace davit {

// Tells work in progress to stop. Thread-safe. Once cancelled, for ever.
class CancelToken {
 public:
  void Cancel();
  bool cancelled() const;
  // Returns true as soon as the token is cancelled, false at `deadline`.
  // The way to wait in a step: it never outlasts a cancellation.
  bool WaitUntil(absl::Time deadline) const;
  // The same for `duration`, by the steady clock.
  bool WaitFor(absl::Duration duration) const;

 private:
  // absl::Mutex waits by the time of day, which can be set back by hours.
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool cancelled_ = false;
};

// How long a blocking operation may take and who may end it early. Every call
// that can wait takes one.
struct Call {
  absl::Time deadline = absl::InfiniteFuture();
  const CancelToken* cancel = nullptr;  // not owned; may be null
  // A deadline by SteadyNow(), for what may last so long that the time of day is
  // set meanwhile. Within() goes on with the clock that its call counts by.
  absl::Time steady_deadline = absl::InfiniteFuture();

  // CANCELLED or DEADLINE_EXCEEDED when the work should end now, else OK.
  absl::Status Check() const;
  // Waits, at most until the deadline. Returns Check().
  absl::Status Wait(absl::Duration duration) const;
  // The same call with a deadline no later than `duration` from now.
  Call Within(absl::Duration duration) const;
  // Until the nearer deadline; negative when that has passed.
  absl::Duration Remaining() const;
};

}  // namespace davit

#endif  // DAVIT_COMMON_CALL_H_
