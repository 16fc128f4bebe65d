#include "worker/steps/files/rendered_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/failure/failure.h"
#include "worker/steps/files/directory_walk.h"

namespace davit::steps {
namespace {

absl::Status NotGiven(const std::string& path, const Owner& owner) {
  v1::Failure failure =
      MakeFailure(v1::FILE_UNREADABLE,
                  absl::StrCat("a release's file cannot be given to ", owner.uid, ":", owner.gid),
                  {absl::StrCat("file: ", path), absl::StrCat("the worker runs as UID ", geteuid()),
                   "it may not give files to other users: that takes root, or CAP_CHOWN"});
  failure.set_likely_cause("the worker has not been started by its own unit");
  failure.set_next_command(
      "start davit-worker as root or with CAP_CHOWN and CAP_FOWNER, as its unit does");
  return FailureStatus(failure);
}

absl::Status WriteAll(int fd, absl::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileFailure(path, "cannot be written", errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteRenderedFile(int directory, const RenderedFile& file, const std::string& path) {
  if (!absl::ascii_isalnum(static_cast<unsigned char>(file.name[0])) ||
      !IsSafeFileName(file.name)) {
    return FailureStatus(v1::INTERNAL, absl::StrCat("\"", file.name, "\" is no name of a file"));
  }
  // Nobody else reads it before it has its owner.
  const Descriptor made(openat(directory, file.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (made.fd() < 0) return FileFailure(path, "cannot be made", errno);
  absl::Status status = WriteAll(made.fd(), file.content, path);
  if (!status.ok()) return status;
  if (fchown(made.fd(), file.owner.uid, file.owner.gid) != 0 &&
      !(errno == EPERM && file.own_will_do)) {
    return errno == EPERM ? NotGiven(path, file.owner)
                          : FileFailure(path, "cannot be given to its owner", errno);
  }
  // After its owner: changing that takes special bits away.
  if (fchmod(made.fd(), file.mode) != 0) {
    return errno == EPERM ? NotGiven(path, file.owner)
                          : FileFailure(path, "cannot be given its mode", errno);
  }
  return fsync(made.fd()) == 0 ? absl::OkStatus() : FileFailure(path, "cannot be written", errno);
}

}  // namespace davit::steps
