#ifndef DAVIT_WORKER_DOCKER_RESTART_POLICY_H_
#define DAVIT_WORKER_DOCKER_RESTART_POLICY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/docker/json.h"

namespace davit::docker {

// The engine's form of no, always, unless-stopped, on-failure and on-failure:N;
// an empty policy is no. CONTAINER_REFUSED for others.
absl::StatusOr<Json> RestartPolicyJson(absl::string_view policy);

// And back.
std::string RestartPolicyText(const Json& policy);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_RESTART_POLICY_H_
