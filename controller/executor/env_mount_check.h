#ifndef DAVIT_CONTROLLER_EXECUTOR_ENV_MOUNT_CHECK_H_
#define DAVIT_CONTROLLER_EXECUTOR_ENV_MOUNT_CHECK_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "controller/executor/secret_source.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::executor {

// The apps that `request` deploys whose `env_mounts` cannot carry the value of one of their
// secrets: FILE_FORMAT, with all that they cannot, a line of evidence each, and never a
// value. `uses` are the request's secrets. Values that cannot be had are left to the step
// that wants them.
std::map<std::string, absl::Status> EnvMountProblems(SecretSource& secrets,
                                                     const v1::DeploymentRequest& request,
                                                     absl::Span<const worker::v1::SecretUse> uses);

// All of them as one; OK: there are none.
absl::Status CheckEnvMounts(SecretSource& secrets, const v1::DeploymentRequest& request,
                            absl::Span<const worker::v1::SecretUse> uses);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_ENV_MOUNT_CHECK_H_
