#ifndef DAVIT_WORKER_STEPS_HEALTH_STATUS_RANGES_H_
#define DAVIT_WORKER_STEPS_HEALTH_STATUS_RANGES_H_

#include "absl/strings/string_view.h"

namespace davit::steps {

// Whether an HTTP status is among those of "200-399" or "200,204,301-302". Empty:
// 200-399. Parts that make no sense match nothing.
bool AcceptsStatus(absl::string_view ranges, int status);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HEALTH_STATUS_RANGES_H_
