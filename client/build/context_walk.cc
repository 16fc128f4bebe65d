#include "client/build/context_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/build/unreadable.h"

namespace davit::build {
namespace {

struct DirCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

// Takes `descriptor`. The names in the order of their bytes; `path` is for the error.
absl::StatusOr<std::vector<std::string>> NamesIn(int descriptor, const std::string& path) {
  const std::unique_ptr<DIR, DirCloser> directory(fdopendir(descriptor));
  if (directory == nullptr) {
    const int why = errno;
    close(descriptor);
    return Unreadable(path, why);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(directory.get())) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return Unreadable(path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

absl::string_view KindOf(mode_t mode) {
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISFIFO(mode)) return "a pipe";
  return "a device";
}

class Walker {
 public:
  Walker(const IgnoreRules& rules, VisitEntry visit, NoteText note)
      : rules_(rules), visit_(visit), note_(note) {}

  // `path` is empty for the context itself.
  absl::Status Directory(int parent, const std::string& name, const std::string& path) {
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (path.empty() ? 0 : O_NOFOLLOW);
    const int descriptor = openat(parent, name.c_str(), flags);
    const std::string& shown = path.empty() ? name : path;
    if (descriptor < 0) return Unreadable(shown, errno);
    const absl::Cleanup close_it = [descriptor] { close(descriptor); };
    const int listed = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (listed < 0) return Unreadable(shown, errno);
    const auto names = NamesIn(listed, shown);
    if (!names.ok()) return names.status();
    for (const std::string& child : *names) {
      absl::Status status =
          Entry(descriptor, child, path.empty() ? child : absl::StrCat(path, "/", child));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Entry(int parent, const std::string& name, const std::string& path) {
    ContextEntry entry{path, parent, name, {}};
    if (fstatat(parent, name.c_str(), &entry.facts, AT_SYMLINK_NOFOLLOW) != 0) {
      return Unreadable(path, errno);
    }
    const mode_t mode = entry.facts.st_mode;
    const bool left_out = rules_.LeavesOut(path);
    if (!left_out && !S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode)) {
      note_(absl::StrCat(path, " is ", KindOf(mode), ": it is not sent"));
      return absl::OkStatus();
    }
    if (!left_out) {
      if (absl::Status visited = visit_(entry); !visited.ok()) return visited;
    }
    const bool enter = S_ISDIR(mode) && (!left_out || rules_.MayTakeBackIn(path));
    return enter ? Directory(parent, name, path) : absl::OkStatus();
  }

  const IgnoreRules& rules_;
  const VisitEntry visit_;
  const NoteText note_;
};

}  // namespace

absl::Status WalkContext(const std::string& root, const IgnoreRules& rules, VisitEntry visit,
                         NoteText note) {
  return Walker(rules, visit, note).Directory(AT_FDCWD, root, "");
}

}  // namespace davit::build
