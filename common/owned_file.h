#ifndef DAVIT_COMMON_OWNED_FILE_H_
#define DAVIT_COMMON_OWNED_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace davit {

// Opens the file with open(2)'s `flags`, or makes it with mode 0600 for the user
// whose directory it is in, whoever calls. Follows no link. The descriptor.
absl::StatusOr<int> OpenOwned(const std::string& path, int flags);

}  // namespace davit

#endif  // DAVIT_COMMON_OWNED_FILE_H_
