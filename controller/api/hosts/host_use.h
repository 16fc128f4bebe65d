#ifndef DAVIT_CONTROLLER_API_HOSTS_HOST_USE_H_
#define DAVIT_CONTROLLER_API_HOSTS_HOST_USE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/fleet/host_condition.h"
#include "controller/store/store.h"

namespace davit::api {

// Who needs a host.
struct HostUse {
  std::vector<std::string> deployments;  // ids of those that have not ended
  std::vector<std::string> live;         // live releases, one sentence each
  std::vector<std::string> running;      // containers without such a release, one sentence each
  std::vector<std::string> containers;   // the names of these
};

// Deployments that have not ended: steps are reached at the address that they were
// begun at.
absl::StatusOr<HostUse> DeploymentsOn(store::ReadTxn& txn, const std::string& host);
// Live releases and, by the host's newest report, containers as well.
absl::StatusOr<HostUse> UseOf(store::ReadTxn& txn, const std::string& host,
                              const fleet::HostCondition& condition);

// HOST_IN_USE, with what is to be done about it, unless nobody needs the host.
absl::Status CheckUnused(const std::string& host, const HostUse& use);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_HOST_USE_H_
