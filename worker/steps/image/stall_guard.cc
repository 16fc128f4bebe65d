#include "worker/steps/image/stall_guard.h"

#include "common/steady_time.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);

}  // namespace

StallGuard::StallGuard(const Call& parent, absl::Duration limit)
    : parent_(parent), limit_(limit), last_(SteadyNow()), thread_([this] { Watch(); }) {}

StallGuard::~StallGuard() {
  over_.Cancel();
  thread_.join();
}

void StallGuard::Advance() {
  absl::MutexLock lock(&mutex_);
  last_ = SteadyNow();
}

bool StallGuard::stalled() const {
  absl::MutexLock lock(&mutex_);
  return stalled_;
}

void StallGuard::Watch() {
  while (!over_.WaitFor(kInterval)) {
    if (!parent_.Check().ok() || Expired()) return token_.Cancel();
  }
}

bool StallGuard::Expired() {
  absl::MutexLock lock(&mutex_);
  stalled_ = SteadyNow() - last_ >= limit_;
  return stalled_;
}

}  // namespace davit::steps
