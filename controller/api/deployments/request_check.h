#ifndef DAVIT_CONTROLLER_API_DEPLOYMENTS_REQUEST_CHECK_H_
#define DAVIT_CONTROLLER_API_DEPLOYMENTS_REQUEST_CHECK_H_

#include "absl/status/status.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// SPEC_INVALID with one fact an entry of evidence: everything that is wrong with
// the spec and with what is asked of it.
absl::Status CheckDeploymentRequest(const v1::DeploymentRequest& request);

// The same for the id that makes a creation idempotent too.
absl::Status CheckCreateRequest(const v1::CreateDeploymentRequest& request);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_DEPLOYMENTS_REQUEST_CHECK_H_
