#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/api/deployments/handlers.h"

namespace davit::api {
namespace {

constexpr int kMostCandidates = 10;

absl::Status NotUnique(absl::string_view prefix, std::vector<std::string> ids) {
  if (ids.size() > kMostCandidates) ids.back() = "and more";
  return FailureStatus(v1::SPEC_INVALID,
                       absl::StrCat("more than one deployment begins with ", prefix),
                       std::move(ids));
}

// The only id that begins with `prefix`.
absl::StatusOr<std::string> Resolve(store::ReadTxn& txn, const std::string& prefix) {
  auto ids = txn.FindDeployments(prefix, kMostCandidates + 1);
  if (!ids.ok()) return ids.status();
  if (ids->empty()) {
    return FailureStatus(v1::NOT_FOUND, absl::StrCat("there is no deployment ", prefix));
  }
  if (ids->size() > 1) return NotUnique(prefix, *std::move(ids));
  return ids->front();
}

v1::Deployment ViewOf(core::DeploymentState state) {
  v1::Deployment view = std::move(*state.record.mutable_view());
  for (state::v1::StepRecord& step : state.steps) {
    *view.add_steps() = std::move(*step.mutable_view());
  }
  return view;
}

}  // namespace

absl::StatusOr<v1::GetDeploymentResponse> GetDeployment(const ApiContext& context,
                                                        const v1::GetDeploymentRequest& request) {
  if (request.id().empty()) return FailureStatus(v1::SPEC_INVALID, "id must be given");
  v1::GetDeploymentResponse response;
  const absl::Status status = context.store.View([&](store::ReadTxn& txn) {
    const absl::StatusOr<std::string> id = Resolve(txn, request.id());
    if (!id.ok()) return id.status();
    absl::StatusOr<core::DeploymentState> state = txn.GetDeployment(*id);
    if (!state.ok()) return state.status();
    *response.mutable_deployment() = ViewOf(*std::move(state));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

}  // namespace davit::api
