#include "controller/fleet/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace davit::fleet {
namespace {

double RandomJitter() {
  thread_local absl::BitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

}  // namespace

absl::Duration Backoff::Pause(int failed_tries) const {
  absl::Duration pause = first_pause;
  for (int i = 0; i < failed_tries && pause < longest_pause; ++i) pause *= 2;
  return std::min(pause, longest_pause) * (1.0 - (jitter ? jitter() : RandomJitter()) / 2);
}

}  // namespace davit::fleet
