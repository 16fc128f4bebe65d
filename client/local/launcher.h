#ifndef DAVIT_CLIENT_LOCAL_LAUNCHER_H_
#define DAVIT_CLIENT_LOCAL_LAUNCHER_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/local/agent_directory.h"
#include "client/local/agent_info.h"

namespace davit::local {

struct LauncherOptions {
  std::string program = "/proc/self/exe";  // that has the `agent` verb
  std::string docker_socket;               // of the engine to deploy to
  Variable variable;                       // the caller's environment
};

// Finds the agent of a Docker Engine, and starts it when none answers. One agent
// per engine, whoever calls.
class Launcher {
 public:
  explicit Launcher(LauncherOptions options);

  // Path of the socket at which the agent serves. `notice` hears of an agent of
  // another version, and of a directory that the caller names and that is not used.
  // DOCKER_UNREACHABLE; CONTROLLER_UNREACHABLE with the reason
  // from the agent's log when it does not start within 15 s.
  absl::StatusOr<std::string> Ensure(absl::FunctionRef<void(absl::string_view)> notice);

  // Where the engine's agent lives. With `claim`, the engine is taken for a
  // directory when no agent has it yet.
  absl::StatusOr<AgentPaths> Find(bool claim);

  // Asks a running agent to end and waits for it. False when none runs.
  // FAILED_PRECONDITION when agent.json names another process than the one that
  // holds the agent's lock.
  absl::StatusOr<bool> Stop(const AgentPaths& paths);

 private:
  absl::Status ReplaceOlder(const AgentPaths& paths,
                            absl::FunctionRef<void(absl::string_view)> notice);
  // Once: a connection that is made anew asks again.
  void TellOfUnusedDirectory(const AgentPaths& paths,
                             absl::FunctionRef<void(absl::string_view)> notice);
  absl::Status StartAgent(const AgentPaths& paths);
  absl::Status AwaitServing(const AgentPaths& paths, std::streamoff log_begin, absl::Time deadline);

  const LauncherOptions options_;
  std::optional<pid_t> child_;
  bool told_of_unused_ = false;
};

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_LAUNCHER_H_
