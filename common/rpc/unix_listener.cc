#include "common/rpc/unix_listener.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace davit {
namespace {

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::StatusOr<std::unique_ptr<UnixListener>> UnixListener::Prepare(const std::string& path) {
  absl::StatusOr<UnixSocketClaim> claim = UnixSocketClaim::Take(path);
  if (!claim.ok()) return claim.status();
  std::string directory = absl::StrCat(DirectoryOf(path), "/.dXXXXXX");
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  return std::unique_ptr<UnixListener>(
      new UnixListener(path, std::move(directory), *std::move(claim)));
}

UnixListener::UnixListener(std::string path, std::string directory, UnixSocketClaim claim)
    : path_(std::move(path)),
      directory_(std::move(directory)),
      bind_path_(absl::StrCat(directory_, "/s")),
      claim_(std::move(claim)) {}

UnixListener::~UnixListener() {
  Remove();
  unlink(bind_path_.c_str());
  rmdir(directory_.c_str());
}

absl::Status UnixListener::Publish(mode_t mode, const std::optional<gid_t>& gid) {
  if (gid && chown(bind_path_.c_str(), static_cast<uid_t>(-1), *gid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot set the group of ", path_));
  }
  if (chmod(bind_path_.c_str(), mode) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot set the mode of ", path_));
  }
  if (rename(bind_path_.c_str(), path_.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path_));
  }
  published_ = true;
  rmdir(directory_.c_str());
  return absl::OkStatus();
}

void UnixListener::Remove() {
  if (std::exchange(published_, false)) unlink(path_.c_str());
}

}  // namespace davit
