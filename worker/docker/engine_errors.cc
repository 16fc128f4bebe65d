#include "worker/docker/engine_errors.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "common/failure/failure.h"
#include "worker/docker/engine_error_rules.h"

namespace davit::docker {
namespace {

constexpr size_t kMaxMessageBytes = 2048;

bool Fits(const ErrorRule& rule, const Topic& topic, int http_status,
          absl::string_view lower_message) {
  if ((rule.operations & static_cast<unsigned>(topic.operation)) == 0) return false;
  if (rule.http_status != 0 && rule.http_status != http_status) return false;
  if (!rule.registry.empty() && rule.registry != RegistryOf(topic.subject)) return false;
  return absl::StrContains(lower_message, rule.pattern) &&
         absl::StrContains(lower_message, rule.and_pattern);
}

// Text between `before` and the next character of `ends`; empty: not there.
absl::string_view Between(absl::string_view text, absl::string_view before,
                          absl::string_view ends) {
  const size_t start = before.empty() ? absl::string_view::npos : text.find(before);
  if (start == absl::string_view::npos) return "";
  const absl::string_view rest = text.substr(start + before.size());
  return rest.substr(0, rest.find_first_of(ends));
}

// 8080 of "Bind for 0.0.0.0:8080 failed" and of "listen tcp4 [::]:8080: bind".
absl::string_view PortIn(absl::string_view message) {
  for (const absl::string_view before : {"Bind for ", "listen tcp4 ", "listen tcp6 ", "listen tcp ",
                                         "listen udp ", "listen udp4 "}) {
    const absl::string_view address = Between(message, before, " ");
    const absl::string_view trimmed = absl::StripSuffix(address, ":");
    if (!trimmed.empty()) return trimmed.substr(trimmed.rfind(':') + 1);
  }
  return "";
}

// What the texts of a rule may name of the engine's words.
struct Found {
  absl::string_view detail;
  absl::string_view holder;
};

Found Find(ErrorDetail detail, absl::string_view message, absl::string_view registry) {
  switch (detail) {
    case ErrorDetail::kNone:
      break;
    case ErrorDetail::kPort:
      return {PortIn(message), ""};
    case ErrorDetail::kName:
      return {Between(message, "container name \"/", "\""),
              Between(message, "in use by container \"", "\"")};
    case ErrorDetail::kCommand:
      return {Between(message, "exec: \"", "\""), ""};
    case ErrorDetail::kNetwork:
      return {Between(message, "network ", " "), ""};
    case ErrorDetail::kHost: {
      const absl::string_view host = Between(message, "lookup ", " :");
      return {host.empty() ? registry : host, ""};
    }
    case ErrorDetail::kTarget:
      return {Between(message, "to rootfs at \"", "\""), ""};
  }
  return {"", ""};
}

constexpr ErrorRule kNoRule = {kAnyOperation, 0, "", v1::DOCKER_ERROR,
                               "Docker answered with an error about $0"};

}  // namespace

absl::Status EngineErrorStatus(const Topic& topic, int http_status, absl::string_view message) {
  message = absl::StripAsciiWhitespace(message).substr(0, kMaxMessageBytes);
  const std::string lower = absl::AsciiStrToLower(message);
  const auto rules = ErrorRules();
  const auto match = std::find_if(rules.begin(), rules.end(), [&](const ErrorRule& rule) {
    return Fits(rule, topic, http_status, lower);
  });
  const ErrorRule& rule = match == rules.end() ? kNoRule : *match;
  const std::string registry = RegistryOf(topic.subject);
  const Found found = Find(rule.detail, message, registry);
  const auto fill_in = [&](absl::string_view text) {
    return absl::Substitute(text, topic.subject, found.detail, registry, found.holder);
  };
  v1::Failure failure = MakeFailure(rule.code, fill_in(rule.message));
  if (!found.detail.empty() && !rule.evidence.empty()) failure.add_evidence(fill_in(rule.evidence));
  failure.add_evidence(absl::StrCat("Docker: ", message));
  if (!rule.likely_cause.empty()) failure.set_likely_cause(fill_in(rule.likely_cause));
  if (!rule.next_command.empty()) failure.set_next_command(fill_in(rule.next_command));
  return FailureStatus(failure);
}

std::string RegistryOf(absl::string_view reference) {
  const size_t slash = reference.find('/');
  const absl::string_view first = reference.substr(0, slash);
  const bool is_host = slash != absl::string_view::npos &&
                       (first == "localhost" || first.find_first_of(".:") != first.npos);
  if (!is_host || first == "index.docker.io") return "docker.io";
  return std::string(first);
}

}  // namespace davit::docker
