#ifndef DAVIT_CONTROLLER_API_SECRETS_SECRET_SERVICE_H_
#define DAVIT_CONTROLLER_API_SECRETS_SECRET_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "controller/api/secrets/secret_context.h"

namespace davit::api {

// davit.v1.SecretService.
std::unique_ptr<grpc::Service> MakeSecretService(const SecretContext& context);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_SECRETS_SECRET_SERVICE_H_
