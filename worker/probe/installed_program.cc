#include "worker/probe/installed_program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/id.h"
#include "worker/probe/program_bytes.h"

namespace davit::probe {
namespace {

constexpr mode_t kProgramMode = 0755;

bool IsInstalled(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0 || (found.st_mode & 07777) != kProgramMode) return false;
  if (static_cast<size_t>(found.st_size) != ProgramBytes().size()) return false;
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str() == ProgramBytes();
}

absl::Status WriteError(const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
}

absl::Status WriteProgram(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
  if (fd < 0) return WriteError(path);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  for (absl::string_view rest = ProgramBytes(); !rest.empty();) {
    const ssize_t written = write(fd, rest.data(), rest.size());
    if (written < 0) return WriteError(path);
    rest.remove_prefix(static_cast<size_t>(written));
  }
  // Whatever the umask says.
  return fchmod(fd, kProgramMode) == 0 ? absl::OkStatus() : WriteError(path);
}

}  // namespace

absl::StatusOr<std::string> InstallProgram(const std::string& directory) {
  std::string path = absl::StrCat(directory, "/davit-probe");
  if (IsInstalled(path)) return path;
  // One that runs cannot be written over, and two workers' steps may do this at once.
  const std::string draft = absl::StrCat(path, ".", NewRandomId());
  absl::Status status = WriteProgram(draft);
  if (status.ok() && std::rename(draft.c_str(), path.c_str()) != 0) status = WriteError(path);
  if (status.ok()) return path;
  unlink(draft.c_str());
  return status;
}

}  // namespace davit::probe
