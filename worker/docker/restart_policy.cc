#include "worker/docker/restart_policy.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"

namespace davit::docker {
namespace {

Json Policy(absl::string_view name, int retries) {
  return Json{{"Name", std::string(name)}, {"MaximumRetryCount", retries}};
}

}  // namespace

absl::StatusOr<Json> RestartPolicyJson(absl::string_view policy) {
  if (policy.empty()) return Policy("no", 0);
  for (const absl::string_view name : {"no", "always", "unless-stopped", "on-failure"}) {
    if (policy == name) return Policy(name, 0);
  }
  int retries = 0;
  if (absl::ConsumePrefix(&policy, "on-failure:") && absl::SimpleAtoi(policy, &retries) &&
      retries >= 0) {
    return Policy("on-failure", retries);
  }
  return FailureStatus(v1::CONTAINER_REFUSED,
                       absl::StrCat("There is no restart policy \"", policy, "\""));
}

std::string RestartPolicyText(const Json& policy) {
  const std::string name = StringAt(policy, "Name");
  const int64_t retries = IntAt(policy, "MaximumRetryCount");
  if (name.empty()) return "no";
  return name == "on-failure" && retries > 0 ? absl::StrCat(name, ":", retries) : name;
}

}  // namespace davit::docker
