#ifndef DAVIT_COMMON_CALL_H_
#define DAVIT_COMMON_CALL_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
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

 private:
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// How long a blocking operation may take and who may end it early. Every call
// that can wait takes one.
struct Call {
  absl::Time deadline = absl::InfiniteFuture();
  const CancelToken* cancel = nullptr;  // not owned; may be null

  // CANCELLED or DEADLINE_EXCEEDED when the work should end now, else OK.
  absl::Status Check() const;
  // Waits, at most until the deadline. Returns Check().
  absl::Status Wait(absl::Duration duration) const;
  // The same call with a deadline no later than `duration` from now.
  Call Within(absl::Duration duration) const;
};

}  // namespace davit

#endif  // DAVIT_COMMON_CALL_H_
