#ifndef DAVIT_CONTROLLER_API_SECRETS_HANDLERS_H_
#define DAVIT_CONTROLLER_API_SECRETS_HANDLERS_H_

#include "absl/status/statusor.h"
#include "controller/api/secrets/secret_context.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/secret_service.pb.h"

// What each method of SecretService does, a file each, without gRPC. Errors carry a
// Failure, and never a value.
namespace davit::api {

// SPEC_INVALID with all that is wrong with the request; SECRET_KEY_UNUSABLE.
absl::StatusOr<v1::SetSecretResponse> SetSecret(const SecretContext& context,
                                                const v1::SetSecretRequest& request);

absl::StatusOr<v1::ListSecretsResponse> ListSecrets(const SecretContext& context,
                                                    const v1::ListSecretsRequest& request);

// NOT_FOUND; WRONG_STATE while a deployment that goes on may need it.
absl::StatusOr<v1::RemoveSecretResponse> RemoveSecret(const SecretContext& context,
                                                      const v1::RemoveSecretRequest& request);

// The record as callers see it: without what is sealed.
v1::Secret DescribeSecret(const state::v1::SecretRecord& record);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_SECRETS_HANDLERS_H_
