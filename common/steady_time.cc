#include "common/steady_time.h"

#include <chrono>

namespace davit {

absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace davit
