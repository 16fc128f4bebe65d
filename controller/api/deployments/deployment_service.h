#ifndef DAVIT_CONTROLLER_API_DEPLOYMENTS_DEPLOYMENT_SERVICE_H_
#define DAVIT_CONTROLLER_API_DEPLOYMENTS_DEPLOYMENT_SERVICE_H_

#include <memory>

#include "controller/api/api_context.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit::api {

// davit.v1.DeploymentService: synchronous handlers, but WatchDeployment, which
// is a callback reactor: a thousand watchers need no thousand threads.
std::unique_ptr<grpc::Service> MakeDeploymentService(const ApiContext& context);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_DEPLOYMENTS_DEPLOYMENT_SERVICE_H_
