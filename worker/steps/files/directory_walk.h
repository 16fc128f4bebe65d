#ifndef DAVIT_WORKER_STEPS_FILES_DIRECTORY_WALK_H_
#define DAVIT_WORKER_STEPS_FILES_DIRECTORY_WALK_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::steps {

// A file descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int fd() const { return fd_; }

 private:
  int fd_;
};

// Whether the name can be part of a path that leads nowhere else, whatever came over
// the wire: letters, digits, dashes, underscores and dots, which it does not begin with.
bool IsSafeFileName(absl::string_view name);

// What errno `error` at `path` means: DISK_FULL, VOLUME_UNUSABLE for a link or a
// file where a directory belongs, else INTERNAL. `what` as in "cannot be written".
absl::Status FileFailure(absl::string_view path, absl::string_view what, int error);

// Opens base/name/name…; `base` may be a link, what lies below it may not. With
// `make`, directories that are missing are made, mode 0711 whatever the umask, and
// are on disk; else NOT_FOUND without a failure.
absl::StatusOr<Descriptor> OpenBelow(const std::string& base, const std::vector<std::string>& names,
                                     bool make);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_FILES_DIRECTORY_WALK_H_
