#include "client/local/lock_holder.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::local {

bool HoldsLockIn(absl::string_view locks, pid_t pid, ino_t inode) {
  // "3: FLOCK  ADVISORY  WRITE 4711 fe:01:1048602 0 EOF"; one who waits has "->"
  // after the number. The device is not compared: file systems in layers name
  // another one there than stat does.
  for (const absl::string_view line : absl::StrSplit(locks, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() < 6 || words[1] != "FLOCK" || words[3] != "WRITE") continue;
    pid_t holder = 0;
    if (absl::SimpleAtoi(words[4], &holder) && holder == pid &&
        absl::EndsWith(words[5], absl::StrCat(":", inode))) {
      return true;
    }
  }
  return false;
}

bool HoldsLock(pid_t pid, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return false;
  std::ostringstream locks;
  locks << std::ifstream("/proc/locks").rdbuf();
  return HoldsLockIn(locks.str(), pid, status.st_ino);
}

}  // namespace davit::local
