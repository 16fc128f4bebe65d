#ifndef DAVIT_CONTROLLER_EXECUTOR_MISSING_SECRETS_H_
#define DAVIT_CONTROLLER_EXECUTOR_MISSING_SECRETS_H_

#include <set>
#include <string>

#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

// How a check goes on where secrets are not set: that is one finding, and what follows from it
// none.
namespace davit::executor {

// The request without the secrets that are not set, and without what would need them.
v1::DeploymentRequest WithoutMissingSecrets(store::ReadTxn& txn, v1::DeploymentRequest request);

// Servers of registries that `asked` logs in to and `rest`, which is the same without missing
// secrets, does not.
std::set<std::string> ServersWithout(const v1::EnvironmentSpec& asked,
                                     const v1::EnvironmentSpec& rest);

// Takes out that they refuse whoever is not logged in. `request`: as it was asked.
void DropRefusals(const std::set<std::string>& servers, const v1::DeploymentRequest& request,
                  v1::CheckDeploymentResponse& response);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_MISSING_SECRETS_H_
