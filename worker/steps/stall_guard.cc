#include "worker/steps/stall_guard.h"

#include "absl/time/clock.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);

}  // namespace

StallGuard::StallGuard(const Call& parent, absl::Duration limit)
    : parent_(parent), limit_(limit), last_(absl::Now()), thread_([this] { Watch(); }) {}

StallGuard::~StallGuard() {
  over_.Cancel();
  thread_.join();
}

void StallGuard::Advance() {
  absl::MutexLock lock(&mutex_);
  last_ = absl::Now();
}

bool StallGuard::stalled() const {
  absl::MutexLock lock(&mutex_);
  return stalled_;
}

void StallGuard::Watch() {
  while (!over_.WaitUntil(absl::Now() + kInterval)) {
    if (!parent_.Check().ok() || Expired()) return token_.Cancel();
  }
}

bool StallGuard::Expired() {
  absl::MutexLock lock(&mutex_);
  stalled_ = absl::Now() - last_ >= limit_;
  return stalled_;
}

}  // namespace davit::steps
