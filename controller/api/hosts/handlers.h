#ifndef DAVIT_CONTROLLER_API_HOSTS_HANDLERS_H_
#define DAVIT_CONTROLLER_API_HOSTS_HANDLERS_H_

#include "absl/status/statusor.h"
#include "controller/api/hosts/host_context.h"
#include "davit/v1/host_service.pb.h"

// What each method of HostService does, a file each, without gRPC. Errors carry a
// Failure. Only ListHosts never waits.
namespace davit::api {

// Waits for the worker, unless the request says not to, or there is the host just so.
// SPEC_INVALID; HOST_EXISTS, also for a worker that has another name here;
// HOST_UNREACHABLE and a worker's refusal; HOST_IN_USE for another address while a
// deployment goes on there. A worker that follows another controller is taken up:
// it is adopted after that.
absl::StatusOr<v1::AddHostResponse> AddHost(const HostContext& context,
                                            const v1::AddHostRequest& request);

// Finds out why the host is away, if it is. HOST_UNKNOWN.
absl::StatusOr<v1::GetHostResponse> GetHost(const HostContext& context,
                                            const v1::GetHostRequest& request);

absl::StatusOr<v1::ListHostsResponse> ListHosts(const HostContext& context,
                                                const v1::ListHostsRequest& request);

// HOST_UNKNOWN; HOST_IN_USE with what needs it, unless forced.
absl::StatusOr<v1::RemoveHostResponse> RemoveHost(const HostContext& context,
                                                  const v1::RemoveHostRequest& request);

// Makes the worker follow this controller, and the records fit for it: fences and
// release numbers above those that the host has seen. HOST_UNKNOWN, HOST_UNREACHABLE.
absl::StatusOr<v1::AdoptHostResponse> AdoptHost(const HostContext& context,
                                                const v1::AdoptHostRequest& request);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_HANDLERS_H_
