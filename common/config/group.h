#ifndef DAVIT_COMMON_CONFIG_GROUP_H_
#define DAVIT_COMMON_CONFIG_GROUP_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"

namespace davit::config {

// The number of a group of this machine. NOT_FOUND, or the system's error.
absl::StatusOr<gid_t> GroupNamed(const std::string& name);

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_GROUP_H_
