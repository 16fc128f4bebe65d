#ifndef DAVIT_CLIENT_LOCAL_AGENT_INFO_H_
#define DAVIT_CLIENT_LOCAL_AGENT_INFO_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/local/agent_directory.h"

namespace davit::local {

// What an agent says of itself in agent.json. Left behind when it ends: only a
// held agent.lock means that it runs.
struct AgentInfo {
  std::string version;
  pid_t pid = 0;
  std::string docker_socket;
};

// Replaces the file as a whole.
absl::Status WriteAgentInfo(const AgentPaths& paths, const AgentInfo& info);
// nullopt when there is none that can be read.
std::optional<AgentInfo> ReadAgentInfo(const AgentPaths& paths);
// The agent that holds agent.lock now; nullopt when none does.
std::optional<AgentInfo> RunningAgent(const AgentPaths& paths);

// Whether version `a` (1.2.3) is older than `b`.
bool IsOlderVersion(const std::string& a, const std::string& b);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_AGENT_INFO_H_
