#ifndef DAVIT_WORKER_DOCKER_AUTH_HEADER_H_
#define DAVIT_WORKER_DOCKER_AUTH_HEADER_H_

#include <optional>
#include <string>
#include <vector>

#include "worker/docker/engine.h"

namespace davit::docker {

// Values of the headers that logins travel in: Base64 for URLs, padded as the engine
// insists.

// X-Registry-Auth: one login; empty without.
std::string AuthHeader(const std::optional<RegistryAuth>& auth);

// X-Registry-Config: logins for several registries; empty without.
std::string ConfigHeader(const std::vector<RegistryAuth>& logins);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_AUTH_HEADER_H_
