// The probe: a static program that the worker mounts into a container of a new
// image, where it finds out as the image's user what can be read and written.
// It needs nothing of the image: no shell, no libraries, no writable root.
//
//   davit-probe r:PATH|w:PATH…
//
// It writes a JSON object a line: first who it runs as, then one for each
// argument in order, last {"end":true}. What it writes is described in
// worker/probe/report.h, which reads it. Only numbers and words of its own are
// written, so that nothing has to be escaped.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kMaxGroups = 65536;
constexpr int kNotTried = -1;

void ReportUser() {
  static gid_t groups[kMaxGroups];
  const int count = getgroups(kMaxGroups, groups);
  printf("{\"uid\":%u,\"gid\":%u,\"groups\":[", geteuid(), getegid());
  for (int i = 0; i < count; ++i) printf("%s%u", i == 0 ? "" : ",", groups[i]);
  printf("]}\n");
}

const char* KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "directory";
  if (S_ISREG(mode)) return "file";
  return S_ISSOCK(mode) ? "socket" : "other";
}

// 0, or the error of an attempt whose file descriptor is `fd`.
int CloseAttempt(int fd) {
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

// Leaves nothing behind, also when the probe is killed, where the file system
// knows files without a name.
int TryCreateIn(const char* directory) {
  const int error = CloseAttempt(open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (error != EOPNOTSUPP && error != EISDIR && error != ENOENT && error != EINVAL) return error;
  const int at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (at < 0) return errno;
  char name[64];
  snprintf(name, sizeof(name), ".davit-probe-%d-%ld", getpid(), random());
  const int created = CloseAttempt(openat(at, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (created == 0) unlinkat(at, name, 0);
  close(at);
  return created;
}

// What is neither file nor directory is not opened: that may do something.
int TryAccess(const char* path, int how) {
  return faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0 ? 0 : errno;
}

int TryRead(const char* path, mode_t mode) {
  if (S_ISDIR(mode)) {
    const int error = CloseAttempt(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return error != 0 ? error : TryAccess(path, X_OK);
  }
  if (S_ISREG(mode)) return CloseAttempt(open(path, O_RDONLY | O_CLOEXEC));
  // Connecting to a socket is writing.
  return TryAccess(path, S_ISSOCK(mode) ? R_OK | W_OK : R_OK);
}

int TryWrite(const char* path, mode_t mode) {
  if (S_ISDIR(mode)) return TryCreateIn(path);
  if (S_ISREG(mode)) return CloseAttempt(open(path, O_WRONLY | O_CLOEXEC));
  return TryAccess(path, W_OK);
}

// The length of the first directory above `path` that may not be passed; that
// of `path` when there is none.
size_t DeniedLength(const char* path) {
  const size_t length = strlen(path);
  char* above = static_cast<char*>(malloc(length + 1));
  if (above == nullptr) return length;
  for (size_t i = 1; i < length; ++i) {
    if (path[i] != '/') continue;
    memcpy(above, path, i);
    above[i] = '\0';
    if (TryAccess(above, X_OK) != EACCES) continue;
    free(above);
    return i;
  }
  free(above);
  return length;
}

void ReportPath(int index, bool write, const char* path) {
  const size_t denied = DeniedLength(path);
  char* place = strdup(path);
  if (place == nullptr) return;
  place[denied] = '\0';
  struct stat found = {};
  const int error = stat(place, &found) == 0 ? 0 : errno;
  const bool reached = error == 0 && denied == strlen(path);
  const int blocked = error != 0 ? error : EACCES;
  const int read_error = reached ? TryRead(path, found.st_mode) : blocked;
  int write_error = kNotTried;
  if (write) write_error = reached ? TryWrite(path, found.st_mode) : blocked;
  const char* kind = reached ? KindOf(found.st_mode) : error == 0 ? "hidden" : "missing";
  printf(
      "{\"path\":%d,\"kind\":\"%s\",\"read\":%d,\"write\":%d,\"denied\":%zu,"
      "\"uid\":%u,\"gid\":%u,\"mode\":%u}\n",
      index, kind, read_error, write_error, denied, found.st_uid, found.st_gid,
      found.st_mode & 07777);
  free(place);
}

}  // namespace

int main(int count, char** arguments) {
  ReportUser();
  for (int i = 1; i < count; ++i) {
    const char* argument = arguments[i];
    if (strlen(argument) < 3 || argument[1] != ':') return 2;
    ReportPath(i - 1, argument[0] == 'w', argument + 2);
  }
  printf("{\"end\":true}\n");
  return fflush(stdout) == 0 ? 0 : 1;
}
