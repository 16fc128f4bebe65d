#ifndef DAVIT_CONTROLLER_CORE_PLAN_STEP_TIMEOUT_H_
#define DAVIT_CONTROLLER_CORE_PLAN_STEP_TIMEOUT_H_

#include "absl/time/time.h"
#include "davit/worker/v1/steps.pb.h"

namespace davit::core {

// What a container has between SIGTERM and SIGKILL when nobody says otherwise.
inline constexpr absl::Duration kDefaultStopGrace = absl::Seconds(10);
// The worker ends a step at its timeout; past this much more it is given up.
inline constexpr absl::Duration kTimerGrace = absl::Seconds(30);
// How long a cancelled step may take to end.
inline constexpr absl::Duration kCancelGrace = absl::Seconds(60);

// Two databases change places, once nobody is at them any more.
inline constexpr absl::Duration kSwapTimeout = absl::Minutes(5);

// Longest time that a step may run on its worker.
absl::Duration TimeoutOf(const worker::v1::StepSpec& step);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_STEP_TIMEOUT_H_
