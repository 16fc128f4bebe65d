#ifndef DAVIT_CLIENT_LOCAL_AGENT_H_
#define DAVIT_CLIENT_LOCAL_AGENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace davit::local {

struct AgentOptions {
  std::string directory;      // absolute; holds all that the agent must not lose
  std::string docker_socket;  // of the engine that it deploys to
  absl::Duration idle = absl::Seconds(60);
};

// Controller and worker in one process behind a unix socket: what `--local`
// deploys with. Returns when it was idle for as long as the options say, or has
// been told to end by SIGTERM; what was going on goes on with the next start.
// Ends too when its engine is claimed for another directory and no deployment
// goes on, and ends the process when its directory is removed or replaced.
// Blocks SIGTERM and SIGINT: to be called before the process has other threads.
absl::Status RunAgent(const AgentOptions& options);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_AGENT_H_
