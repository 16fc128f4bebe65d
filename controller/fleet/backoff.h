#ifndef DAVIT_CONTROLLER_FLEET_BACKOFF_H_
#define DAVIT_CONTROLLER_FLEET_BACKOFF_H_

#include <functional>

#include "absl/time/time.h"

namespace davit::fleet {

// How long to wait before the next try.
struct Backoff {
  absl::Duration first_pause;  // doubles with each failed try
  absl::Duration longest_pause;
  // A number in [0, 1) that spreads the tries of many; thread-safe. A pause is
  // cut by up to half of it. Empty: at random.
  std::function<double()> jitter;

  // The pause after `failed_tries` failures before the last one.
  absl::Duration Pause(int failed_tries) const;
};

}  // namespace davit::fleet

#endif  // DAVIT_CONTROLLER_FLEET_BACKOFF_H_
