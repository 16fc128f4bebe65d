#ifndef DAVIT_COMMON_DAEMON_STATE_DIRECTORY_H_
#define DAVIT_COMMON_DAEMON_STATE_DIRECTORY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/file_lock.h"

namespace davit {

// A daemon's directory, which this process alone uses as long as the object lives.
class StateDirectory {
 public:
  // Made when absent, with its parents, mode 0700. ALREADY_EXISTS, naming the
  // process, when another one has it until `deadline`; or the system's error.
  static absl::StatusOr<StateDirectory> Take(const std::string& path, absl::Time deadline);

  const std::string& path() const { return path_; }

 private:
  StateDirectory(std::string path, FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileLock lock_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_STATE_DIRECTORY_H_
