#include "worker/database/backup/child_start.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

// What execve wants of a list of texts.
class CStrings {
 public:
  explicit CStrings(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  char** get() { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

std::vector<std::string> WholeEnvironment(const std::map<std::string, std::string>& given) {
  std::map<std::string, std::string> all = {{"LC_ALL", "C"}};
  for (const char* const name : {"PATH", "HOME"}) {
    if (const char* const value = std::getenv(name); value != nullptr) all.emplace(name, value);
  }
  for (const auto& [name, value] : given) all.insert_or_assign(name, value);
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(absl::StrCat(name, "=", value));
  return lines;
}

// What stands behind here runs in the new process before its program: it may call only what is safe
// in a signal handler, as other threads of the worker may have held any lock.

bool Redirect(int from, int to, int flags) {
  const int source = from < 0 ? open("/dev/null", flags) : from;
  return source == to ? fcntl(to, F_SETFD, 0) == 0 : source >= 0 && dup2(source, to) == to;
}

// The worker's threads may have signals blocked or ignored; the child is to be endable.
void ForgetSignals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

struct NewProgram {
  char** arguments;
  char** environment;
  int input, output, error;
  int failed;  // a pipe for errno, which the program does not have
  pid_t worker;
};

[[noreturn]] void Become(const NewProgram& program) {
  setpgid(0, 0);
  ForgetSignals();
  // Nobody reads what it makes once the worker was killed.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != program.worker) _exit(1);
  if (Redirect(program.input, STDIN_FILENO, O_RDONLY) &&
      Redirect(program.output, STDOUT_FILENO, O_WRONLY) &&
      Redirect(program.error, STDERR_FILENO, O_WRONLY)) {
    execve(program.arguments[0], program.arguments, program.environment);
  }
  const int error = errno;
  const ssize_t told = write(program.failed, &error, sizeof(error));
  _exit(told > 0 ? 127 : 126);
}

}  // namespace

absl::StatusOr<pid_t> StartChild(const ChildCommand& command, int error) {
  CStrings arguments(command.arguments);
  CStrings environment(WholeEnvironment(command.environment));
  std::array<int, 2> failed{};
  if (pipe2(failed.data(), O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  const NewProgram program{.arguments = arguments.get(),
                           .environment = environment.get(),
                           .input = command.input,
                           .output = command.output,
                           .error = error,
                           .failed = failed[1],
                           .worker = getpid()};
  const pid_t child = fork();
  if (child == 0) Become(program);
  int reason = child < 0 ? errno : 0;
  close(failed[1]);
  while (child > 0 && read(failed[0], &reason, sizeof(reason)) < 0 && errno == EINTR) continue;
  close(failed[0]);
  if (reason == 0) return child;
  while (child > 0 && waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  return absl::ErrnoToStatus(reason, absl::StrCat("cannot start ", command.arguments.front()));
}

}  // namespace davit::database
