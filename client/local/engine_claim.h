#ifndef DAVIT_CLIENT_LOCAL_ENGINE_CLAIM_H_
#define DAVIT_CLIENT_LOCAL_ENGINE_CLAIM_H_

#include <map>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/local/agent_directory.h"

namespace davit::local {

// Name of the Docker volume that marks an engine as taken by an agent, and the
// label that says in which directory the agent lives. A volume, because making
// one answers with the labels of the first that was made: whoever comes first
// decides, atomically, for every caller of this engine.
inline constexpr char kClaimVolume[] = "davit-agent";
inline constexpr char kClaimLabel[] = "davit.agent.directory";

// Path of the engine's socket: `option`, else DOCKER_HOST, else Docker's own.
// SPEC_INVALID for an address that is no Unix socket.
absl::StatusOr<std::string> DockerSocket(const std::string& option, const Variable& variable);

using Labels = std::map<std::string, std::string>;

// The directory of the agent for an engine. `create_volume` makes the claim's
// volume with the labels it is given, or returns those of the existing one.
absl::StatusOr<std::string> ClaimAgentDirectory(
    const std::string& default_directory,
    absl::FunctionRef<absl::StatusOr<Labels>(const Labels&)> create_volume);

// Claims again for the agent that lives in `directory`: Docker takes the volume
// for unused, so that a prune removes it. The directory that another agent has
// claimed the engine for meanwhile; nullopt when there is none, or the engine
// does not say.
std::optional<std::string> ClaimLostTo(
    const std::string& directory,
    absl::FunctionRef<absl::StatusOr<Labels>(const Labels&)> create_volume);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_ENGINE_CLAIM_H_
