#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/temp_dir.h"

namespace davit::test {
namespace {

// Readable once the process has ended.
int OpenPid(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

// Waits until the process has ended, `patience` at most.
void AwaitEnd(pid_t pid, absl::Duration patience) {
  const int descriptor = OpenPid(pid);
  if (descriptor < 0) return;
  pollfd ended{.fd = descriptor, .events = POLLIN};
  poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
  close(descriptor);
}

// Only what is allowed between fork and exec.
[[noreturn]] void BecomeProgram(char* const* arguments, const char* out_path,
                                const char* error_path) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(open(out_path, O_CREAT | O_WRONLY | O_APPEND, 0600), STDOUT_FILENO);
  dup2(open(error_path, O_CREAT | O_WRONLY | O_APPEND, 0600), STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

pid_t Spawn(std::vector<std::string> arguments, const std::string& out_path,
            const std::string& error_path) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(pointers.data(), out_path.c_str(), error_path.c_str());
  return pid;
}

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(std::vector<std::string> arguments,
                                                        const std::string& log_path) {
  const std::string program = arguments.front();
  const pid_t pid = Spawn(std::move(arguments), log_path, log_path);
  if (pid < 0) return absl::InternalError(absl::StrCat("cannot start ", program));
  return std::unique_ptr<Process>(new Process(pid, log_path));
}

Process::~Process() { Stop(); }

bool Process::Running() {
  if (!ended_) ended_ = waitpid(pid_, nullptr, WNOHANG) != 0;
  return !ended_;
}

absl::Status Process::AwaitOutput(absl::string_view text, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  close(open(log_path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));  // to be watched
  pollfd news[] = {{.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .events = POLLIN},
                   {.fd = OpenPid(pid_), .events = POLLIN}};
  const absl::Cleanup close_both = [&news] { close(news[0].fd), close(news[1].fd); };
  inotify_add_watch(news[0].fd, log_path_.c_str(), IN_MODIFY);
  while (true) {
    char events[4096];  // forgotten first: what comes after the look is news
    while (read(news[0].fd, events, sizeof(events)) > 0) continue;
    const bool running = Running();  // before the look: nothing is said afterwards
    const std::string said = ReadAll(log_path_);
    if (absl::StrContains(said, text)) return absl::OkStatus();
    if (!running) return absl::InternalError(absl::StrCat("it has ended, having said: ", said));
    if (absl::Now() >= deadline) return absl::DeadlineExceededError(absl::StrCat("no ", text));
    poll(news, 2, static_cast<int>(absl::ToInt64Milliseconds(deadline - absl::Now())) + 1);
  }
}

void Process::Stop(absl::Duration grace) {
  if (!Running()) return;
  kill(pid_, SIGTERM);
  AwaitEnd(pid_, grace);
  if (!Running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  ended_ = true;
}

absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& arguments) {
  const TempDir directory;
  const pid_t pid = Spawn(arguments, directory.File("out"), directory.File("error"));
  int state = 0;
  if (pid < 0 || waitpid(pid, &state, 0) != pid) return absl::InternalError("cannot start it");
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return ReadAll(directory.File("out"));
  return absl::InternalError(
      absl::StrCat(arguments.front(), " failed: ", ReadAll(directory.File("error"))));
}

}  // namespace davit::test
