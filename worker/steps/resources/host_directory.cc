#include "worker/steps/resources/host_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::steps {
namespace {

constexpr mode_t kParentMode = 0755;

bool Exists(const std::filesystem::path& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0;
}

bool IsDirectory(const std::filesystem::path& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

absl::Status Unusable(const std::string& path, absl::string_view what, int error) {
  std::vector<std::string> evidence;
  if (error != 0) evidence.push_back(absl::StrCat(path, ": ", std::strerror(error)));
  if (error == EPERM || error == EACCES) {
    evidence.push_back(absl::StrCat("the worker runs as UID ", geteuid()));
  }
  return FailureStatus(v1::VOLUME_UNUSABLE, absl::StrCat(path, " ", what), std::move(evidence));
}

}  // namespace

bool IsBind(const worker::v1::Mount& mount) { return absl::StartsWith(mount.source(), "/"); }

std::string CleanPath(const std::string& path) {
  const std::filesystem::path clean = std::filesystem::path(path).lexically_normal();
  return clean.has_filename() ? clean : clean.parent_path();
}

std::vector<std::string> MissingDirectories(const std::string& path) {
  std::vector<std::string> missing;
  std::filesystem::path place = CleanPath(path);
  for (; !Exists(place) && place.has_relative_path(); place = place.parent_path()) {
    missing.push_back(place);
  }
  std::reverse(missing.begin(), missing.end());
  return missing;
}

absl::Status CheckMountSource(const std::string& path) {
  const std::vector<std::string> missing = MissingDirectories(path);
  if (missing.empty()) return absl::OkStatus();
  const std::string parent = std::filesystem::path(missing.front()).parent_path();
  if (!IsDirectory(parent)) {
    return Unusable(path, absl::StrCat("cannot be made: ", parent, " is not a directory"), 0);
  }
  // By what the worker can do, not by who it is: access(2) leaves out its capabilities.
  if (faccessat(AT_FDCWD, parent.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return Unusable(path, absl::StrCat("cannot be made in ", parent), errno);
  }
  return absl::OkStatus();
}

mode_t DirectoryMode(const std::string& mode) {
  return mode.empty() ? kParentMode : static_cast<mode_t>(std::strtoul(mode.c_str(), nullptr, 8));
}

absl::StatusOr<bool> MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), kParentMode) != 0) {
    if (errno == EEXIST && IsDirectory(path)) return false;
    return Unusable(path, "cannot be made", errno);
  }
  // Whatever the umask says: users of containers have to pass.
  if (chmod(path.c_str(), kParentMode) != 0) return Unusable(path, "cannot be opened", errno);
  return true;
}

absl::Status GiveDirectory(const std::string& path, const Owner& owner, const std::string& mode) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return Unusable(path, "cannot be opened as a directory", errno);
  const absl::Cleanup close_directory = [directory] { close(directory); };
  if (fchown(directory, owner.uid, owner.gid) != 0) {
    return Unusable(path, absl::StrCat("cannot be given to ", owner.uid, ":", owner.gid), errno);
  }
  if (fchmod(directory, DirectoryMode(mode)) != 0)
    return Unusable(path, "cannot be given its mode", errno);
  return absl::OkStatus();
}

bool RemoveEmptyDirectory(const std::string& path) {
  return rmdir(path.c_str()) == 0 || errno == ENOENT;
}

}  // namespace davit::steps
