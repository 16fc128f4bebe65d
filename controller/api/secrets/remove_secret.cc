#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/api/secrets/handlers.h"
#include "controller/executor/secret_values.h"

namespace davit::api {
namespace {

std::string PlaceOf(const v1::RemoveSecretRequest& request) {
  return request.environment().empty() ? absl::StrCat("project ", request.project())
                                       : request.environment();
}

// Its steps would fail half-way; so would those that put the old release back.
absl::Status CheckNoDeploymentUses(store::ReadTxn& txn, const v1::RemoveSecretRequest& request) {
  const auto ids = txn.UnfinishedDeployments();
  if (!ids.ok()) return ids.status();
  for (const std::string& id : *ids) {
    const auto state = txn.GetDeployment(id);
    if (!state.ok()) return state.status();
    if (state->record.view().project() != request.project()) continue;
    for (const auto& [key, use] : executor::SecretsOf(state->record)) {
      if (use.name() != request.name() || use.environment() != request.environment()) continue;
      v1::Failure failure = MakeFailure(
          v1::WRONG_STATE,
          absl::StrCat("Secret ", request.name(), " of ", PlaceOf(request),
                       " cannot be removed: deployment ", id, ", which goes on, uses it."));
      failure.set_next_command(absl::StrCat("davit watch ", id));
      return FailureStatus(failure);
    }
  }
  return absl::OkStatus();
}

absl::Status NoSuchSecret(const v1::RemoveSecretRequest& request) {
  v1::Failure failure = MakeFailure(
      v1::NOT_FOUND,
      absl::StrCat("There is no secret ", request.name(), " of ", PlaceOf(request), "."));
  failure.clear_likely_cause();
  failure.set_next_command("davit secrets list");
  return FailureStatus(failure);
}

}  // namespace

absl::StatusOr<v1::RemoveSecretResponse> RemoveSecret(const SecretContext& context,
                                                      const v1::RemoveSecretRequest& request) {
  const absl::Status removed = context.store.Update([&](store::Txn& txn) {
    const absl::Status unused = CheckNoDeploymentUses(txn, request);
    if (!unused.ok()) return unused;
    return txn.RemoveSecret(request.project(), request.environment(), request.name());
  });
  if (absl::IsNotFound(removed)) return NoSuchSecret(request);
  if (!removed.ok()) return removed;
  spdlog::info("secret {} of {}/{}: removed by {}", request.name(), request.project(),
               request.environment(), request.removed_by());
  return v1::RemoveSecretResponse();
}

}  // namespace davit::api
