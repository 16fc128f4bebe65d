#include "common/failure/failure.h"
#include "controller/api/secrets/handlers.h"

namespace davit::api {

absl::StatusOr<v1::ListSecretsResponse> ListSecrets(const SecretContext& context,
                                                    const v1::ListSecretsRequest& request) {
  if (request.project().empty()) {
    return FailureStatus(v1::SPEC_INVALID, "project must be given");
  }
  v1::ListSecretsResponse response;
  const absl::Status read = context.store.View([&](store::ReadTxn& txn) {
    const auto secrets = txn.ListSecrets(request.project());
    if (!secrets.ok()) return secrets.status();
    for (const state::v1::SecretRecord& secret : *secrets) {
      const bool applies = request.environment().empty() || secret.environment().empty() ||
                           secret.environment() == request.environment();
      if (applies) *response.add_secrets() = DescribeSecret(secret);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return response;
}

}  // namespace davit::api
