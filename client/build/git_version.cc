#include "client/build/git_version.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

extern char** environ;

namespace davit::build {
namespace {

struct Ended {
  bool ok = false;
  std::string output;
  std::string error;  // what it has said on standard error
};

// A file without a name that a program writes to.
class Catcher {
 public:
  Catcher() : file_(memfd_create("git", MFD_CLOEXEC)) {}
  ~Catcher() {
    if (file_ >= 0) close(file_);
  }
  Catcher(const Catcher&) = delete;
  Catcher& operator=(const Catcher&) = delete;

  int file() const { return file_; }
  std::string Text() const {
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
      const ssize_t count =
          pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
      if (count <= 0) break;
      text.append(buffer.data(), count);
    }
    absl::StripAsciiWhitespace(&text);
    return text;
  }

 private:
  const int file_;
};

bool EndedWell(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Ended RunGit(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const Catcher out;
  const Catcher err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.file(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.file(), STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return {false, "", "there is no such program"};
  if (error != 0) return {false, "", "it cannot be started"};
  const bool ok = EndedWell(child);
  return {ok, out.Text(), err.Text()};
}

absl::Status NoVersion(const std::string& directory, const std::string& said) {
  v1::Failure failure =
      MakeFailure(v1::SPEC_INVALID, absl::StrCat("what shall the image's tag be? ", directory,
                                                 " has no commit of git to take it from"));
  if (!said.empty()) failure.add_evidence(absl::StrCat("git: ", said));
  failure.set_next_command("give one with --tag");
  return FailureStatus(failure);
}

}  // namespace

absl::StatusOr<std::string> GitVersion(const std::string& directory) {
  const Ended commit = RunGit({"git", "-C", directory, "rev-parse", "--short", "HEAD"});
  if (!commit.ok) return NoVersion(directory, commit.error);
  const Ended changes = RunGit({"git", "-C", directory, "status", "--porcelain"});
  if (!changes.ok) return NoVersion(directory, changes.error);
  return absl::StrCat(commit.output, changes.output.empty() ? "" : "-dirty");
}

}  // namespace davit::build
