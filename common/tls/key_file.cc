#include "common/tls/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace davit::tls {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

// Who looks at the opened file has the one that is read.
using CheckMode = absl::Status (*)(const std::string& file, const struct stat& found);

absl::Status TakeAnyMode(const std::string&, const struct stat&) { return absl::OkStatus(); }

absl::Status TakePrivateOnly(const std::string& file, const struct stat& found) {
  // A group that root has chosen is how a service gets at its key.
  const mode_t forbidden = found.st_uid == 0 ? 0037 : 0077;
  if ((found.st_mode & forbidden) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrFormat("the key %s can be used by others (mode %04o): run `chmod %s %s`", file,
                      found.st_mode & 07777, found.st_uid == 0 ? "640" : "600", file));
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& file) {
  std::string text;
  char buffer[8192];
  while (true) {
    const ssize_t count = read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", file));
    if (count == 0) return text;
    text.append(buffer, count);
    if (text.size() > kMaxPemBytes) {
      return absl::InvalidArgumentError(absl::StrCat(file, " is too large for a certificate"));
    }
  }
}

absl::StatusOr<std::string> Read(const std::string& file, CheckMode check) {
  // A FIFO would wait for a writer.
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", file));
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat found;
  if (fstat(fd, &found) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", file));
  }
  if (!S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(file, " is not a file"));
  }
  if (absl::Status status = check(file, found); !status.ok()) return status;
  return ReadAll(fd, file);
}

}  // namespace

absl::StatusOr<std::string> ReadPemFile(const std::string& file) { return Read(file, TakeAnyMode); }

absl::StatusOr<std::string> ReadKeyFile(const std::string& file) {
  return Read(file, TakePrivateOnly);
}

}  // namespace davit::tls
