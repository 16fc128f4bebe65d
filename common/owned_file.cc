#include "common/owned_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace davit {
namespace {

// A new file of root's would lock the directory's owner out.
void GiveToOwnerOf(const std::string& directory, int descriptor) {
  struct stat status {};
  if (geteuid() != 0 || stat(directory.c_str(), &status) != 0 || status.st_uid == 0) return;
  static_cast<void>(!fchown(descriptor, status.st_uid, status.st_gid));
}

}  // namespace

absl::StatusOr<int> OpenOwned(const std::string& path, int flags) {
  flags |= O_CLOEXEC | O_NOFOLLOW;
  // Only what was made just now is given away: never a file that was put there.
  int descriptor = open(path.c_str(), flags | O_CREAT | O_EXCL, 0600);
  if (descriptor >= 0) {
    GiveToOwnerOf(std::filesystem::path(path).parent_path(), descriptor);
    return descriptor;
  }
  if (errno == EEXIST) descriptor = open(path.c_str(), flags);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return descriptor;
}

}  // namespace davit
