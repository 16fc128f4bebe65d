#include "client/local/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace davit::local {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec of a process with threads: system calls only.
[[noreturn]] void Become(char* const* arguments, char* const* environment, int null, int output) {
  setsid();
  umask(077);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (chdir("/") != 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
  syscall(SYS_close_range, 3U, ~0U, 0U);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

absl::StatusOr<pid_t> StartInBackground(const BackgroundProcess& process) {
  const std::vector<char*> arguments = Pointers(process.arguments);
  const std::vector<char*> environment = Pointers(process.environment);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output =
      open(process.output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (null < 0 || output < 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("open ", process.output_path, ": ", std::strerror(errno)));
  }
  const pid_t child = fork();
  if (child == 0) Become(arguments.data(), environment.data(), null, output);
  const int error = errno;
  close(null);
  close(output);
  if (child < 0) return absl::ResourceExhaustedError(absl::StrCat("fork: ", std::strerror(error)));
  return child;
}

bool HasEnded(pid_t child) {
  int status = 0;
  const pid_t ended = waitpid(child, &status, WNOHANG);
  return ended == child || (ended < 0 && errno == ECHILD);
}

}  // namespace davit::local
