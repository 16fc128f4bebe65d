#ifndef DAVIT_COMMON_CLOCK_H_
#define DAVIT_COMMON_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace davit {

// The source of the time of day. Passed by reference to whatever needs one, so
// that tests decide what time it is (tests/support/fake_clock.h).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace davit

#endif  // DAVIT_COMMON_CLOCK_H_
