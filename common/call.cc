#include "common/call.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace davit {

void CancelToken::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
}

bool CancelToken::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

bool CancelToken::WaitUntil(absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&cancelled_), deadline);
}

absl::Status Call::Check() const {
  if (cancel != nullptr && cancel->cancelled()) return absl::CancelledError("cancelled");
  if (absl::Now() >= deadline) return absl::DeadlineExceededError("deadline exceeded");
  return absl::OkStatus();
}

absl::Status Call::Wait(absl::Duration duration) const {
  const absl::Time until = std::min(deadline, absl::Now() + duration);
  if (cancel != nullptr) {
    cancel->WaitUntil(until);
  } else {
    absl::SleepFor(until - absl::Now());
  }
  return Check();
}

Call Call::Within(absl::Duration duration) const {
  return Call{std::min(deadline, absl::Now() + duration), cancel};
}

}  // namespace davit
