#include "common/daemon/state_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace davit {
namespace {

absl::Status Prepare(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot make ", path));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot use ", path));
  }
  return absl::OkStatus();
}

// Who has the lock, for people: it may just have ended.
std::string Holder(const std::string& lock_path) {
  std::string pid;
  std::ifstream(lock_path) >> pid;
  return pid.empty() ? "another process" : absl::StrCat("another process, ", pid, ",");
}

}  // namespace

absl::StatusOr<StateDirectory> StateDirectory::Take(const std::string& path, absl::Time deadline) {
  if (absl::Status status = Prepare(path); !status.ok()) return status;
  const std::string lock_path = path + "/lock";
  absl::StatusOr<FileLock> lock = FileLock::Acquire(lock_path, deadline);
  if (absl::IsDeadlineExceeded(lock.status())) {
    return absl::AlreadyExistsError(absl::StrCat(Holder(lock_path), " uses ", path));
  }
  if (!lock.ok()) return lock.status();
  std::ofstream(lock_path) << getpid() << "\n";
  return StateDirectory(path, *std::move(lock));
}

}  // namespace davit
