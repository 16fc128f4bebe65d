#ifndef DAVIT_COMMON_SPEC_MOUNT_PATH_H_
#define DAVIT_COMMON_SPEC_MOUNT_PATH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::spec {

// Without "." and empty parts, so that two spellings of one path are equal; the root
// directory is empty.
std::string NormalPath(absl::string_view path);

// Why the path cannot be mounted or mounted to; "": it can.
std::string PathFault(absl::string_view path);

// Of a normal path: that of its directory; empty for what lies in the root directory.
absl::string_view ParentDirectory(absl::string_view path);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_MOUNT_PATH_H_
