#ifndef DAVIT_CLIENT_BUILD_GIT_VERSION_H_
#define DAVIT_CLIENT_BUILD_GIT_VERSION_H_

#include <string>

#include "absl/status/statusor.h"

namespace davit::build {

// The short commit of the git work tree that `directory` lies in, with "-dirty" when
// it has changes or files that git neither knows nor ignores: they may be in the
// image. SPEC_INVALID, with git's words, when there is none.
absl::StatusOr<std::string> GitVersion(const std::string& directory);

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_GIT_VERSION_H_
