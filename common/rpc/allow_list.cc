#include "common/rpc/allow_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/rpc/peer.h"
#include "common/rpc/refusals.h"

namespace davit {
namespace {

constexpr absl::string_view kEverybody = "*";
constexpr size_t kMostNamesShown = 8;

std::string Shown(const std::vector<std::string>& names) {
  const size_t count = std::min(names.size(), kMostNamesShown);
  std::string text = absl::CHexEscape(absl::StrJoin(absl::MakeConstSpan(names).first(count), ", "));
  if (names.size() > count) absl::StrAppend(&text, " and ", names.size() - count, " more");
  return text;
}

}  // namespace

AllowList::AllowList(std::vector<std::string> names) : names_(std::move(names)) {}

bool AllowList::Has(const std::string& name) const {
  return std::any_of(names_.begin(), names_.end(), [&name](const std::string& allowed) {
    return allowed == kEverybody || absl::EqualsIgnoreCase(allowed, name);
  });
}

grpc::Status AllowList::Process(const InputMetadata&, grpc::AuthContext* context, OutputMetadata*,
                                OutputMetadata*) {
  if (Has(std::string(kEverybody))) return grpc::Status::OK;
  std::vector<std::string> names = PeerNames(*context);
  for (const std::string& name : names) {
    if (Has(name)) return grpc::Status::OK;
  }
  // Most certificates have their name twice, as SAN and as CN.
  if (names.size() > 1 && names.back() == names.front()) names.pop_back();
  const std::string text =
      absl::StrCat("the certificate of ", names.empty() ? "nobody" : Shown(names),
                   " may not call here; tls.allow lists ", Shown(names_));
  TellRefusal({false, absl::StrCat("refused a call: ", text)});
  return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, text);
}

}  // namespace davit
