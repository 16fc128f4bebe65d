#ifndef DAVIT_CONTROLLER_EXECUTOR_SECRET_VERSIONS_H_
#define DAVIT_CONTROLLER_EXECUTOR_SECRET_VERSIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::executor {

// The newest version of each secret that the apps which `request` deploys, their tasks and
// databases, the databases that it works on and its project's registries refer to, by name. An
// environment's own secret goes before the project's. SECRET_MISSING with all that are not set, a
// line of evidence each; SPEC_INVALID for apps that cannot be deployed, and for more than 1 MiB of
// secrets.
absl::StatusOr<std::vector<worker::v1::SecretUse>> ResolveSecrets(
    store::ReadTxn& txn, const v1::DeploymentRequest& request);

// The newest version of one secret, as above; SECRET_MISSING. `wanted_by` is the place in
// davit.yaml that refers to it.
absl::StatusOr<worker::v1::SecretUse> ResolveSecret(store::ReadTxn& txn,
                                                    const v1::EnvironmentSpec& spec,
                                                    const std::string& name,
                                                    const std::string& wanted_by);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_SECRET_VERSIONS_H_
