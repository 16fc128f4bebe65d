#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "controller/api/deployments/handlers.h"

namespace davit::api {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 1000;
// Says that the token is one of ours, and which kind.
constexpr absl::string_view kTokenPrefix = "after:";

std::string TokenAfter(absl::string_view id) {
  return absl::WebSafeBase64Escape(absl::StrCat(kTokenPrefix, id));
}

// The last id that was listed; empty for a first page.
absl::StatusOr<std::string> ParseToken(absl::string_view token) {
  if (token.empty()) return std::string();
  std::string text;
  absl::string_view id;
  if (absl::WebSafeBase64Unescape(token, &text)) {
    id = text;
    if (absl::ConsumePrefix(&id, kTokenPrefix) && !id.empty()) return std::string(id);
  }
  return FailureStatus(v1::SPEC_INVALID, "page_token is not from an answer of ListDeployments");
}

absl::StatusOr<store::DeploymentFilter> FilterOf(const v1::ListDeploymentsRequest& request) {
  if (request.page_size() < 0) {
    return FailureStatus(v1::SPEC_INVALID, "page_size must not be negative");
  }
  absl::StatusOr<std::string> before = ParseToken(request.page_token());
  if (!before.ok()) return before.status();
  store::DeploymentFilter filter;
  filter.project = request.project();
  filter.environment = request.environment();
  filter.before_id = *std::move(before);
  filter.limit =
      request.page_size() == 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
  return filter;
}

}  // namespace

absl::StatusOr<v1::ListDeploymentsResponse> ListDeployments(
    const ApiContext& context, const v1::ListDeploymentsRequest& request) {
  absl::StatusOr<store::DeploymentFilter> filter = FilterOf(request);
  if (!filter.ok()) return filter.status();
  const int page = filter->limit++;  // one more tells whether there is a next page
  v1::ListDeploymentsResponse response;
  const absl::Status status = context.store.View([&](store::ReadTxn& txn) {
    auto records = txn.ListDeployments(*filter);
    if (!records.ok()) return records.status();
    for (state::v1::DeploymentRecord& record : *records) {
      if (response.deployments_size() == page) {
        response.set_next_page_token(TokenAfter(response.deployments().rbegin()->id()));
        break;
      }
      *response.add_deployments() = std::move(*record.mutable_view());
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

}  // namespace davit::api
