#include "worker/database/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/steady_time.h"

namespace davit::database {
namespace {

constexpr size_t kTailBytes = 8192;
constexpr int kTickMs = 50;
constexpr absl::Duration kChildGrace = absl::Seconds(5);

// What posix_spawn wants of a list of texts.
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

// The new process, whose standard error is `error`. Once this returns it is its program.
absl::StatusOr<pid_t> Spawn(const ChildCommand& command, int error) {
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

// A process group and the end of the pipe that its errors come out of.
class RunningChild {
 public:
  RunningChild(pid_t pid, int errors)
      : pid_(pid), process_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))), errors_(errors) {}
  // Whoever else is in the group goes too. The pid is not anybody else's before it is waited for.
  ~RunningChild() {
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
    if (process_ >= 0) close(process_);
    close(errors_);
  }
  RunningChild(const RunningChild&) = delete;
  RunningChild& operator=(const RunningChild&) = delete;

  // Waits a moment, or until it has said something or ended.
  void Tick() {
    std::array<pollfd, 2> waiting{pollfd{silent_ ? -1 : errors_, POLLIN, 0},
                                  pollfd{process_, POLLIN, 0}};
    poll(waiting.data(), waiting.size(), kTickMs);
    Read();
  }

  bool Ended() {
    siginfo_t info{};
    if (waitid(P_PID, pid_, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
      return false;
    }
    Read();
    const bool exited = info.si_code == CLD_EXITED;
    end_.exit_code = exited ? info.si_status : 0;
    end_.signal = exited ? 0 : info.si_status;
    return true;
  }

  void Terminate() {
    kill(-pid_, SIGTERM);
    const absl::Time patience = SteadyNow() + kChildGrace;
    while (!Ended() && SteadyNow() < patience) Tick();
  }

  ChildEnd TakeEnd() { return std::move(end_); }

 private:
  void Read() {
    std::array<char, 4096> buffer{};
    ssize_t count = 0;
    while ((count = read(errors_, buffer.data(), buffer.size())) > 0) {
      end_.error_tail.append(buffer.data(), count);
      if (end_.error_tail.size() > kTailBytes) {
        end_.error_tail.erase(0, end_.error_tail.size() - kTailBytes);
      }
    }
    silent_ = count == 0;
  }

  const pid_t pid_;
  const int process_;  // readable once it has ended; -1: the kernel has no such thing
  const int errors_;
  bool silent_ = false;  // nobody has the other end any more
  ChildEnd end_;
};

}  // namespace

absl::StatusOr<ChildEnd> RunChild(const Call& call, const ChildCommand& command) {
  if (absl::Status ended = call.Check(); !ended.ok()) return ended;
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  fcntl(pipe[0], F_SETFL, O_NONBLOCK);
  const absl::StatusOr<pid_t> pid = Spawn(command, pipe[1]);
  close(pipe[1]);
  if (!pid.ok()) {
    close(pipe[0]);
    return pid.status();
  }
  RunningChild child(*pid, pipe[0]);
  while (!child.Ended()) {
    child.Tick();
    if (command.progress) command.progress();
    if (absl::Status ended = call.Check(); !ended.ok() && !child.Ended()) {
      child.Terminate();
      return ended;
    }
  }
  return child.TakeEnd();
}

}  // namespace davit::database
