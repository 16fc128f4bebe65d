#ifndef DAVIT_CLIENT_LOCAL_AGENT_DIRECTORY_H_
#define DAVIT_CLIENT_LOCAL_AGENT_DIRECTORY_H_

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace davit::local {

using Variable = std::function<std::optional<std::string>(const std::string&)>;

// Where a local agent keeps what it must not lose.
struct AgentPaths {
  std::string directory;

  std::string socket() const { return directory + "/agent.sock"; }  // public API
  std::string worker_socket() const { return directory + "/worker.sock"; }
  std::string worker_state() const { return directory + "/worker"; }
  std::string lock() const { return directory + "/agent.lock"; }  // held by the agent for life
  std::string start_lock() const { return directory + "/start.lock"; }  // held while one is started
  std::string log() const { return directory + "/agent.log"; }
  std::string info() const { return directory + "/agent.json"; }
};

// DAVIT_STATE_DIR, else /var/lib/davit/agent for root, else
// ${XDG_STATE_HOME:-~/.local/state}/davit/agent. Absolute.
std::string DefaultAgentDirectory(const Variable& variable, uid_t user);

// That the caller's environment names another directory than `used`, in which the engine's
// agent lives; nullopt when it names that one, or none.
std::optional<std::string> UnusedDirectoryNotice(const Variable& variable, uid_t user,
                                                 const std::string& used);

// Makes the directory (mode 0700, with its parents) when it is absent. An error
// that names the owner when the caller may not use it, or says why it cannot be made.
absl::Status PrepareAgentDirectory(const std::string& directory);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_AGENT_DIRECTORY_H_
