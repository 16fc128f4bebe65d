#ifndef DAVIT_CONTROLLER_DIRECTORY_LOCK_H_
#define DAVIT_CONTROLLER_DIRECTORY_LOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/file_lock.h"

namespace davit {

// Takes a controller's state directory, which is made (0700) when absent, for the only one
// that works in it. ALREADY_EXISTS when another process has it and does not let go within
// `patience`.
absl::StatusOr<FileLock> LockDirectory(const std::string& directory, absl::Duration patience);

}  // namespace davit

#endif  // DAVIT_CONTROLLER_DIRECTORY_LOCK_H_
