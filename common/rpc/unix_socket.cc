#include "common/rpc/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace davit {
namespace {

absl::Status InUse(const std::string& path) {
  return absl::AlreadyExistsError(absl::StrCat("another process serves at ", path));
}

// Takes the lock, or says who has it.
absl::StatusOr<int> LockFile(const std::string& path) {
  const std::string name = absl::StrCat(path, ".lock");
  const int fd = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", name));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const int error = errno;
  close(fd);
  if (error == EWOULDBLOCK) return InUse(path);
  return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", name));
}

// OK when nobody answers at `path` for sure.
absl::Status ProveUnused(const std::string& path) {
  struct stat found;
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  }
  if (!S_ISSOCK(found.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " exists and is not a socket"));
  }
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return absl::ErrnoToStatus(errno, "cannot make a socket");
  const absl::Cleanup closer = [fd] { close(fd); };
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return InUse(path);
  }
  if (errno == ECONNREFUSED || errno == ENOENT) return absl::OkStatus();
  // EAGAIN: somebody listens, with a full backlog.
  if (errno == EAGAIN) return InUse(path);
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot tell whether anybody serves at ", path));
}

}  // namespace

absl::StatusOr<UnixSocketClaim> UnixSocketClaim::Take(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::FailedPreconditionError(
        absl::StrCat("a socket's path has 1 to 107 bytes, this one has ", path.size(), ": ", path));
  }
  const absl::StatusOr<int> fd = LockFile(path);
  if (!fd.ok()) return fd.status();
  UnixSocketClaim claim(*fd);
  if (const absl::Status unused = ProveUnused(path); !unused.ok()) return unused;
  return claim;
}

UnixSocketClaim::UnixSocketClaim(UnixSocketClaim&& other) noexcept
    : lock_fd_(std::exchange(other.lock_fd_, -1)) {}

UnixSocketClaim::~UnixSocketClaim() {
  if (lock_fd_ >= 0) close(lock_fd_);
}

}  // namespace davit
