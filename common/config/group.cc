#include "common/config/group.h"

#include <grp.h>

#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"

namespace davit::config {
namespace {

// A group of ten thousand members fits.
constexpr size_t kGroupBytes = 1 << 20;

}  // namespace

absl::StatusOr<gid_t> GroupNamed(const std::string& name) {
  std::vector<char> buffer(kGroupBytes);
  group entry{};
  group* found = nullptr;
  const int error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return entry.gr_gid;
  // What getgrnam_r(3) lists as ways to say that there is none.
  if (error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM) {
    return absl::NotFoundError(absl::StrCat("there is no group `", name, "` on this machine"));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("look up the group ", name));
}

}  // namespace davit::config
