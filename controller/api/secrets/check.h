#ifndef DAVIT_CONTROLLER_API_SECRETS_CHECK_H_
#define DAVIT_CONTROLLER_API_SECRETS_CHECK_H_

#include "absl/status/status.h"
#include "davit/v1/secret_service.pb.h"

namespace davit::api {

// SPEC_INVALID with everything that is wrong: a name that davit.yaml could not refer to, a
// value that cannot be kept out of sight or be in an environment.
absl::Status CheckSetRequest(const v1::SetSecretRequest& request);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_SECRETS_CHECK_H_
