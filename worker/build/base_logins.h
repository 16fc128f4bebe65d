#ifndef DAVIT_WORKER_BUILD_BASE_LOGINS_H_
#define DAVIT_WORKER_BUILD_BASE_LOGINS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "worker/docker/engine.h"
#include "worker/docker/registry_login.h"

namespace davit::builder {

// Every login that there is, the project's before the host's: which registries the base
// images of a Dockerfile are from, only the builder finds out. SECRET_MISSING when a
// value did not come along. A login of the host that cannot be used is left out.
absl::StatusOr<std::vector<docker::RegistryAuth>> BaseLogins(const docker::LoginSources& sources);

}  // namespace davit::builder

#endif  // DAVIT_WORKER_BUILD_BASE_LOGINS_H_
