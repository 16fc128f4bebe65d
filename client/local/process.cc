#include "client/local/process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/owned_file.h"

namespace davit::local {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// glibc's own functions would first ask every thread, and there is but one left.
bool TakeIdentity(const Identity& identity) {
  return syscall(SYS_setgroups, identity.groups.size(), identity.groups.data()) == 0 &&
         syscall(SYS_setgid, identity.group) == 0 && syscall(SYS_setuid, identity.user) == 0;
}

// Between fork and exec of a process with threads: system calls only.
[[noreturn]] void Become(char* const* arguments, char* const* environment, int output,
                         const Identity* identity) {
  setsid();
  if (identity != nullptr && !TakeIdentity(*identity)) _exit(127);
  umask(077);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDONLY);
  if (chdir("/") != 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
    _exit(127);
  syscall(SYS_close_range, 3U, ~0U, 0U);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

absl::StatusOr<Identity> IdentityOf(uid_t user) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return absl::NotFoundError(absl::StrCat("user ", user, " has no entry"));
  }
  Identity identity{
      .user = user, .group = entry.pw_gid, .name = entry.pw_name, .home = entry.pw_dir};
  int count = 64;
  identity.groups.resize(count);
  if (getgrouplist(entry.pw_name, entry.pw_gid, identity.groups.data(), &count) < 0) {
    identity.groups.resize(count);
    getgrouplist(entry.pw_name, entry.pw_gid, identity.groups.data(), &count);
  }
  identity.groups.resize(count);
  return identity;
}

absl::StatusOr<pid_t> StartInBackground(const BackgroundProcess& process) {
  const std::vector<char*> arguments = Pointers(process.arguments);
  const std::vector<char*> environment = Pointers(process.environment);
  const absl::StatusOr<int> output = OpenOwned(process.output_path, O_WRONLY | O_APPEND);
  if (!output.ok()) return output.status();
  const pid_t child = fork();
  if (child == 0) {
    Become(arguments.data(), environment.data(), *output,
           process.identity ? &*process.identity : nullptr);
  }
  const int error = errno;
  close(*output);
  if (child < 0) return absl::ResourceExhaustedError(absl::StrCat("fork: ", std::strerror(error)));
  return child;
}

bool HasEnded(pid_t child) {
  int status = 0;
  const pid_t ended = waitpid(child, &status, WNOHANG);
  return ended == child || (ended < 0 && errno == ECHILD);
}

}  // namespace davit::local
