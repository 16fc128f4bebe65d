#ifndef DAVIT_CONTROLLER_API_HANDLERS_H_
#define DAVIT_CONTROLLER_API_HANDLERS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/api/deployment_service.h"

// What each method of the service does, a file each, without gRPC. They check
// the request, call what they were given, and convert the answer. Errors carry
// a Failure. WatchDeployment has watch.h.
namespace davit::api {

// Blocks until the hosts have answered, at most until `deadline`.
absl::StatusOr<v1::PlanDeploymentResponse> PlanDeployment(const ApiContext& context,
                                                          const v1::PlanDeploymentRequest& request,
                                                          absl::Time deadline);

// Everything that would stop a deployment, found by what prepares one. Blocks as long as
// that takes, at most until `deadline`, and beyond it only to remove what it has written;
// ends early when `client_gone`, which is asked ten times a second, says so.
absl::StatusOr<v1::CheckDeploymentResponse> CheckDeployment(
    const ApiContext& context, const v1::CheckDeploymentRequest& request, absl::Time deadline,
    absl::FunctionRef<bool()> client_gone);

absl::StatusOr<v1::CreateDeploymentResponse> CreateDeployment(
    const ApiContext& context, const v1::CreateDeploymentRequest& request);

// NOT_FOUND; SPEC_INVALID with the candidates when a prefix is not unique.
absl::StatusOr<v1::GetDeploymentResponse> GetDeployment(const ApiContext& context,
                                                        const v1::GetDeploymentRequest& request);

absl::StatusOr<v1::ListDeploymentsResponse> ListDeployments(
    const ApiContext& context, const v1::ListDeploymentsRequest& request);

absl::StatusOr<v1::CancelDeploymentResponse> CancelDeployment(
    const ApiContext& context, const v1::CancelDeploymentRequest& request);

// A host that does not answer within `patience` has "unknown" containers. NOT_FOUND
// when nothing was ever deployed there.
absl::StatusOr<v1::GetStatusResponse> GetStatus(const ApiContext& context,
                                                const v1::GetStatusRequest& request,
                                                absl::Duration patience);

// Calls `sink`, one call at a time and from several threads, until it returns
// false, the logs end, or `client_gone`, which is asked ten times a second, says
// so. The logs of the other hosts go on when one fails; the errors of all that did are the
// parts of the one that is returned. A follower goes on with the next container where one ends, and
// fails with CONTAINER_GONE where there is to be none. A message without a stream tells it at once
// of a container that has ended, and of one of several hosts that fails.
absl::Status TailLogs(const ApiContext& context, const v1::TailLogsRequest& request,
                      absl::FunctionRef<bool()> client_gone,
                      absl::FunctionRef<bool(const v1::TailLogsResponse&)> sink);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HANDLERS_H_
