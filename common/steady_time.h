#ifndef DAVIT_COMMON_STEADY_TIME_H_
#define DAVIT_COMMON_STEADY_TIME_H_

#include "absl/time/time.h"

namespace davit {

// Now by the steady clock, which only goes forward however the time of day is
// set. Good for nothing but comparison with other values of this function: it
// begins somewhere.
absl::Time SteadyNow();

}  // namespace davit

#endif  // DAVIT_COMMON_STEADY_TIME_H_
