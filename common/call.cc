#include "common/call.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"
#include "common/steady_time.h"

namespace davit {
namespace {

// How late a wait for a time of day notices that it was set.
constexpr absl::Duration kLookAtClock = absl::Seconds(1);
// Longer ones would overflow the clock.
constexpr absl::Duration kLongestWait = absl::Hours(24 * 365);

}  // namespace

void CancelToken::Cancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool CancelToken::cancelled() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return cancelled_;
}

bool CancelToken::WaitFor(absl::Duration duration) const {
  const auto until =
      std::chrono::steady_clock::now() +
      absl::ToChronoNanoseconds(std::clamp(duration, absl::ZeroDuration(), kLongestWait));
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_until(lock, until, [this] { return cancelled_; });
}

bool CancelToken::WaitUntil(absl::Time deadline) const {
  for (;;) {
    const absl::Duration left = deadline - absl::Now();
    if (WaitFor(std::min(left, kLookAtClock))) return true;
    if (left <= kLookAtClock) return false;
  }
}

absl::Status Call::Check() const {
  if (cancel != nullptr && cancel->cancelled()) return absl::CancelledError("cancelled");
  if (Remaining() <= absl::ZeroDuration()) {
    return absl::DeadlineExceededError("deadline exceeded");
  }
  return absl::OkStatus();
}

absl::Status Call::Wait(absl::Duration duration) const {
  const absl::Duration wait = std::min(duration, Remaining());
  if (cancel != nullptr) {
    cancel->WaitFor(wait);
  } else {
    absl::SleepFor(wait);
  }
  return Check();
}

Call Call::Within(absl::Duration duration) const {
  Call call = *this;
  if (steady_deadline < absl::InfiniteFuture()) {
    call.steady_deadline = std::min(steady_deadline, SteadyNow() + duration);
  } else {
    call.deadline = std::min(deadline, absl::Now() + duration);
  }
  return call;
}

absl::Duration Call::Remaining() const {
  return std::min(deadline - absl::Now(), steady_deadline - SteadyNow());
}

}  // namespace davit
