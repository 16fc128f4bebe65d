#ifndef DAVIT_CONTROLLER_API_HOSTS_CHECKS_H_
#define DAVIT_CONTROLLER_API_HOSTS_CHECKS_H_

#include <optional>

#include "absl/status/status.h"
#include "controller/api/hosts/host_context.h"
#include "davit/v1/host_service.pb.h"

// Whether a host can be added.
namespace davit::api {

// SPEC_INVALID with everything that is wrong with the name and the address.
absl::Status CheckAddRequest(const v1::AddHostRequest& request);

// Whether there is room for it in the records: HOST_EXISTS, HOST_IN_USE. Sets `same`
// to the host of that name when it has that address already.
absl::Status CheckFree(store::ReadTxn& txn, const v1::AddHostRequest& request,
                       std::optional<state::v1::HostRecord>& same);

// HOST_EXISTS when the worker, which is in `condition`, is that of a host of another
// name: two deployments could work on it at once.
absl::Status CheckOtherWorker(const HostContext& context, const v1::AddHostRequest& request,
                              const fleet::HostCondition& condition);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_CHECKS_H_
