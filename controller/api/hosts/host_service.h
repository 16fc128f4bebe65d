#ifndef DAVIT_CONTROLLER_API_HOSTS_HOST_SERVICE_H_
#define DAVIT_CONTROLLER_API_HOSTS_HOST_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "controller/api/hosts/host_context.h"

namespace davit::api {

// davit.v1.HostService.
std::unique_ptr<grpc::Service> MakeHostService(HostContext context);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_HOST_SERVICE_H_
