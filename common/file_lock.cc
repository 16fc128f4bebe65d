#include "common/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/owned_file.h"

namespace davit {
namespace {

// flock has no deadline of its own, so it is tried again in between.
constexpr absl::Duration kRetryInterval = absl::Milliseconds(20);

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path, absl::Time deadline) {
  const absl::StatusOr<int> descriptor = OpenOwned(path, O_RDWR);
  if (!descriptor.ok()) return descriptor.status();
  FileLock lock(path, *descriptor);
  while (flock(*descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return absl::InternalError(absl::StrCat("lock ", path, ": ", std::strerror(errno)));
    }
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(path, " is held by another process"));
    }
    absl::SleepFor(kRetryInterval);
  }
  return lock;
}

bool FileLock::IsHeld(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(descriptor);
  return held;
}

bool FileLock::StillHeld() const {
  struct stat held {
  }, named{};
  if (fstat(descriptor_, &held) != 0) return false;
  // Another error says nothing about the file.
  if (stat(path_.c_str(), &named) != 0) return errno != ENOENT && errno != ENOTDIR;
  return held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace davit
