#include <memory>
#include <string>

#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"
#include "client/local/agent.h"
#include "client/local/engine_claim.h"
#include "client/local/launcher.h"
#include "common/failure/failure.h"
#include "nlohmann/json.hpp"

namespace davit::commands {
namespace {

int RunTheAgent(const Invocation& invocation, const local::AgentOptions& options) {
  if (options.directory.empty()) {
    v1::Failure failure = MakeFailure(v1::SPEC_INVALID, "an agent needs --directory");
    failure.set_next_command("let `--local` start it, or look at it with: davit agent status");
    return invocation.Fail(FailureStatus(failure));
  }
  local::AgentOptions resolved = options;
  const auto socket = local::DockerSocket(invocation.common.docker_socket, invocation.variable);
  if (!socket.ok()) return invocation.Fail(socket.status());
  resolved.docker_socket = *socket;
  const absl::Status status = local::RunAgent(resolved);
  return status.ok() ? kLive : invocation.Fail(status);
}

absl::StatusOr<local::Launcher> MakeLauncher(const Invocation& invocation) {
  const auto socket = local::DockerSocket(invocation.common.docker_socket, invocation.variable);
  if (!socket.ok()) return socket.status();
  return local::Launcher({.docker_socket = *socket, .variable = invocation.variable});
}

int AgentStatus(const Invocation& invocation) {
  absl::StatusOr<local::Launcher> launcher = MakeLauncher(invocation);
  if (!launcher.ok()) return invocation.Fail(launcher.status());
  const absl::StatusOr<local::AgentPaths> paths = launcher->Find(/*claim=*/false);
  if (!paths.ok()) return invocation.Fail(paths.status());
  const auto running = local::RunningAgent(*paths);
  if (invocation.common.json) {
    nlohmann::json json = {{"directory", paths->directory}, {"running", running.has_value()}};
    if (running) json.update({{"pid", running->pid}, {"version", running->version}});
    invocation.out << json.dump() << std::endl;
  } else if (running) {
    invocation.out << "running: process " << running->pid << ", version " << running->version
                   << ", in " << paths->directory << std::endl;
  } else {
    invocation.out << "not running; its directory is " << paths->directory << std::endl;
  }
  return kLive;
}

int StopAgent(const Invocation& invocation) {
  absl::StatusOr<local::Launcher> launcher = MakeLauncher(invocation);
  if (!launcher.ok()) return invocation.Fail(launcher.status());
  const absl::StatusOr<local::AgentPaths> paths = launcher->Find(/*claim=*/false);
  if (!paths.ok()) return invocation.Fail(paths.status());
  const absl::StatusOr<bool> stopped = launcher->Stop(*paths);
  if (!stopped.ok()) return invocation.Fail(stopped.status());
  if (!invocation.common.quiet) {
    invocation.err << (*stopped ? "the agent has ended" : "no agent is running") << std::endl;
  }
  return kLive;
}

}  // namespace

void AddAgent(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<local::AgentOptions>();
  CLI::App* verb = app.add_subcommand("agent", "The background process that --local deploys with");
  verb->add_option("--directory", options->directory, "Where it keeps its records");
  verb->add_option("--docker-socket", invocation.common.docker_socket,
                   "The Docker Engine's socket (DOCKER_HOST)");
  AddDurationOption(*verb, "--idle", options->idle, "Ends after this long without work");
  verb->callback([verb, options, &invocation] {
    if (!verb->get_subcommands().empty()) return;
    invocation.run = [options, &invocation] { return RunTheAgent(invocation, *options); };
  });
  const auto add = [&](const char* name, const char* help, int (*run)(const Invocation&)) {
    CLI::App* action = verb->add_subcommand(name, help);
    AddOutputOptions(*action, invocation);
    action->add_option("--docker-socket", invocation.common.docker_socket,
                       "The Docker Engine's socket (DOCKER_HOST)");
    action->callback(
        [run, &invocation] { invocation.run = [run, &invocation] { return run(invocation); }; });
  };
  add("status", "Says whether it runs, and where", AgentStatus);
  add("stop", "Ends it; what is going on goes on with the next command", StopAgent);
}

}  // namespace davit::commands
