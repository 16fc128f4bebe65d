#ifndef DAVIT_CONTROLLER_API_STATUS_GET_STATUS_H_
#define DAVIT_CONTROLLER_API_STATUS_GET_STATUS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/api/api_context.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// DeploymentService.GetStatus without gRPC. A host that does not answer within `patience` has
// "unknown" containers. NOT_FOUND when nothing was ever deployed there.
absl::StatusOr<v1::GetStatusResponse> GetStatus(const ApiContext& context,
                                                const v1::GetStatusRequest& request,
                                                absl::Duration patience);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_STATUS_GET_STATUS_H_
