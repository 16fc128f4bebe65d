#include "controller/directory_lock.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace davit {
namespace {

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  if (!error) std::filesystem::create_directories(whole.parent_path(), error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot make ", path));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FileLock> LockDirectory(const std::string& directory, absl::Duration patience) {
  if (absl::Status made = MakeDirectory(directory); !made.ok()) return made;
  auto lock = FileLock::Acquire(directory + "/controller.lock", absl::Now() + patience);
  if (!absl::IsDeadlineExceeded(lock.status())) return lock;
  return absl::AlreadyExistsError(absl::StrCat("another controller uses ", directory));
}

}  // namespace davit
