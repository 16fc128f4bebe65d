#ifndef DAVIT_CONTROLLER_API_HOST_USE_H_
#define DAVIT_CONTROLLER_API_HOST_USE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/store/store.h"

// Who needs a host, one sentence each.
namespace davit::api {

// Deployments that have not ended.
absl::StatusOr<std::vector<std::string>> DeploymentsOn(store::ReadTxn& txn,
                                                       const std::string& host);
// Live releases of environments that have the host.
absl::StatusOr<std::vector<std::string>> LiveReleasesOn(store::ReadTxn& txn,
                                                        const std::string& host);
// Whether the environment's newest deployment has the host.
absl::StatusOr<bool> EnvironmentHas(store::ReadTxn& txn, const std::string& project,
                                    const std::string& environment, const std::string& host);

// HOST_IN_USE with `uses`, if there are any.
absl::Status CheckUnused(const std::string& host, std::vector<std::string> uses);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOST_USE_H_
