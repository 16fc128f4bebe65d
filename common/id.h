#ifndef DAVIT_COMMON_ID_H_
#define DAVIT_COMMON_ID_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace davit {

// 128 random bits as 32 hexadecimal digits, from the kernel's generator.
std::string NewRandomId();

// "d-" and 20 characters of Crockford's base 32: milliseconds of `now`, then 50
// random bits. Ids sort in the order of creation.
std::string NewDeploymentId(absl::Time now);

// <deployment>-<index + 1>, two digits or more.
std::string StepId(absl::string_view deployment_id, int index);

}  // namespace davit

#endif  // DAVIT_COMMON_ID_H_
