#ifndef DAVIT_CONTROLLER_API_DEPLOYMENTS_HANDLERS_H_
#define DAVIT_CONTROLLER_API_DEPLOYMENTS_HANDLERS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/api/api_context.h"
#include "davit/v1/deployment_service.pb.h"

// What each method of DeploymentService does, a file each, without gRPC. They check
// the request, call what they were given, and convert the answer. Errors carry
// a Failure. WatchDeployment, GetStatus and TailLogs have folders of their own.
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

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_DEPLOYMENTS_HANDLERS_H_
