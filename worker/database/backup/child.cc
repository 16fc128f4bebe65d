#include "worker/database/backup/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "common/steady_time.h"
#include "worker/database/backup/child_start.h"

namespace davit::database {
namespace {

constexpr size_t kTailBytes = 8192;
constexpr int kTickMs = 50;
constexpr absl::Duration kChildGrace = absl::Seconds(5);

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
  const absl::StatusOr<pid_t> pid = StartChild(command, pipe[1]);
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
