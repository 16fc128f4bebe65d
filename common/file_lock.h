#ifndef DAVIT_COMMON_FILE_LOCK_H_
#define DAVIT_COMMON_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace davit {

// An exclusive flock on a file, which is made when absent and never removed. The
// kernel lets go of it when the process ends, however it ends.
class FileLock {
 public:
  // DEADLINE_EXCEEDED when somebody else holds it until then.
  static absl::StatusOr<FileLock> Acquire(const std::string& path, absl::Time deadline);
  // Whether somebody holds it now. False when the file does not exist.
  static bool IsHeld(const std::string& path);

  FileLock(FileLock&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

  // Whether the path still names the file that is locked. When it does not,
  // somebody else can lock the path too.
  bool StillHeld() const;

 private:
  FileLock(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_FILE_LOCK_H_
