#ifndef DAVIT_CLIENT_LOCAL_LOCK_HOLDER_H_
#define DAVIT_CLIENT_LOCAL_LOCK_HOLDER_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace davit::local {

// Whether process `pid` holds an exclusive flock on the file at `path`, as the
// kernel tells it in /proc/locks.
bool HoldsLock(pid_t pid, const std::string& path);

// The same in a text like that of /proc/locks, of the file with number `inode`.
bool HoldsLockIn(absl::string_view locks, pid_t pid, ino_t inode);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_LOCK_HOLDER_H_
