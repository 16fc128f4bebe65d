#include <spdlog/spdlog.h>

#include "controller/api/secrets/check.h"
#include "controller/api/secrets/handlers.h"
#include "controller/core/proto_time.h"

namespace davit::api {

absl::StatusOr<v1::SetSecretResponse> SetSecret(const SecretContext& context,
                                                const v1::SetSecretRequest& request) {
  if (const absl::Status check = CheckSetRequest(request); !check.ok()) return check;
  state::v1::SecretRecord secret;
  secret.set_project(request.project());
  secret.set_environment(request.environment());
  secret.set_name(request.name());
  secret.set_set_by(request.set_by());
  *secret.mutable_set_time() = core::ToProto(context.clock.Now());
  const auto change = context.vault.Set(secret, request.value(), request.only_if_changed());
  if (!change.ok()) return change.status();
  if (change->made) {
    spdlog::info("secret {} of {}/{}: version {} set by {}", request.name(), request.project(),
                 request.environment(), change->secret.version(), request.set_by());
  }
  v1::SetSecretResponse response;
  *response.mutable_secret() = DescribeSecret(change->secret);
  response.set_changed(change->made);
  return response;
}

v1::Secret DescribeSecret(const state::v1::SecretRecord& record) {
  v1::Secret secret;
  secret.set_project(record.project());
  secret.set_environment(record.environment());
  secret.set_name(record.name());
  secret.set_version(record.version());
  *secret.mutable_set_time() = record.set_time();
  secret.set_set_by(record.set_by());
  return secret;
}

}  // namespace davit::api
