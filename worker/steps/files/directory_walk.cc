#include "worker/steps/files/directory_walk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::steps {
namespace {

// Passable for everybody, readable for its owner alone.
constexpr mode_t kPassableMode = 0711;

absl::Status InTheWay(absl::string_view path) {
  v1::Failure failure =
      MakeFailure(v1::VOLUME_UNUSABLE, absl::StrCat(path, " is in the way: it is no directory"),
                  {"links are not followed there: they could lead out of Davit's state directory"});
  failure.set_likely_cause("somebody has put it into Davit's state directory");
  failure.set_next_command(absl::StrCat("look at ", path, " on the host, and move it away"));
  return FailureStatus(failure);
}

// False: it was there.
absl::StatusOr<bool> MakeIn(int parent, const std::string& name, const std::string& path) {
  if (mkdirat(parent, name.c_str(), kPassableMode) != 0) {
    if (errno == EEXIST) return false;
    return FileFailure(path, "cannot be made", errno);
  }
  return true;
}

absl::Status Settle(int parent, int made, const std::string& path) {
  if (fchmod(made, kPassableMode) != 0) return FileFailure(path, "cannot be opened up", errno);
  if (fsync(parent) != 0) return FileFailure(path, "cannot be made", errno);
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> OpenIn(int parent, const std::string& name, const std::string& path,
                                  bool make) {
  bool made = false;
  if (make) {
    const auto is_new = MakeIn(parent, name, path);
    if (!is_new.ok()) return is_new.status();
    made = *is_new;
  }
  Descriptor opened(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (opened.fd() < 0) {
    if (errno == ENOENT && !make) return absl::NotFoundError(path);
    return FileFailure(path, "cannot be opened", errno);
  }
  if (made) {
    if (absl::Status status = Settle(parent, opened.fd(), path); !status.ok()) return status;
  }
  return opened;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

bool IsSafeFileName(absl::string_view name) {
  return !name.empty() && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

absl::Status FileFailure(absl::string_view path, absl::string_view what, int error) {
  if (error == ENOTDIR || error == ELOOP) return InTheWay(path);
  const bool full = error == ENOSPC || error == EDQUOT;
  return FailureStatus(full ? v1::DISK_FULL : v1::INTERNAL,
                       absl::StrCat(path, " ", what, ": ", std::strerror(error)));
}

absl::StatusOr<Descriptor> OpenBelow(const std::string& base, const std::vector<std::string>& names,
                                     bool make) {
  Descriptor at(open(base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (at.fd() < 0) return FileFailure(base, "cannot be opened", errno);
  std::string path = base;
  for (const std::string& name : names) {
    absl::StrAppend(&path, "/", name);
    auto next = OpenIn(at.fd(), name, path, make);
    if (!next.ok()) return next.status();
    at = *std::move(next);
  }
  return at;
}

}  // namespace davit::steps
