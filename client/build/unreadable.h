#ifndef DAVIT_CLIENT_BUILD_UNREADABLE_H_
#define DAVIT_CLIENT_BUILD_UNREADABLE_H_

#include <string>

#include "absl/status/status.h"

namespace davit::build {

// SPEC_INVALID: a file of the context cannot be read, with the errno's words as evidence.
absl::Status Unreadable(const std::string& path, int os_error);

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_UNREADABLE_H_
