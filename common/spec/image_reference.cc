#include "common/spec/image_reference.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::spec {
namespace {

constexpr size_t kMaxNameLength = 255;
constexpr size_t kMaxTagLength = 128;

absl::Status Invalid(absl::string_view text, absl::string_view why) {
  // Long or binary text is cut and escaped by whoever shows it; here it is only bounded.
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text.substr(0, 300), "\" is no image reference: ", why));
}

bool IsLowerAlnum(char c) { return absl::ascii_isdigit(c) || absl::ascii_islower(c); }

// [a-z0-9]+ joined by one of: . _ __ -+
bool IsPathComponent(absl::string_view text) {
  if (text.empty() || !IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && !IsLowerAlnum(text[end])) ++end;
    const absl::string_view separator = text.substr(i, end - i);
    const bool dashes = separator.find_first_not_of('-') == absl::string_view::npos;
    if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
    i = end + 1;
  }
  return true;
}

bool IsHostName(absl::string_view text) {
  for (absl::string_view label : absl::StrSplit(text, '.')) {
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    for (char c : label) {
      if (!absl::ascii_isalnum(c) && c != '-') return false;
    }
  }
  return true;
}

bool IsPort(absl::string_view text) {
  int port = 0;
  return !text.empty() && text.size() <= 5 && absl::ascii_isdigit(text.front()) &&
         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

// host, host:port, [ipv6] or [ipv6]:port
bool IsRegistry(absl::string_view text) {
  if (absl::StartsWith(text, "[")) {
    const size_t close = text.find(']');
    if (close == absl::string_view::npos || close == 1) return false;
    const absl::string_view address = text.substr(1, close - 1);
    if (address.find_first_not_of("0123456789abcdefABCDEF:") != absl::string_view::npos) {
      return false;
    }
    const absl::string_view rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
  }
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return IsHostName(text);
  return IsHostName(text.substr(0, colon)) && IsPort(text.substr(colon + 1));
}

// Docker's rule for telling a registry from the first part of a path.
bool LooksLikeRegistry(absl::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != absl::string_view::npos ||
         absl::AsciiStrToLower(first) != first;
}

bool IsTag(absl::string_view text) {
  if (text.empty() || text.size() > kMaxTagLength) return false;
  if (!absl::ascii_isalnum(text.front()) && text.front() != '_') return false;
  for (char c : text) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '.' && c != '-') return false;
  }
  return true;
}

bool IsDigest(absl::string_view text) {
  return absl::ConsumePrefix(&text, "sha256:") && text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

// Cuts the digest and the tag off `rest`, leaving the name.
absl::Status CutSuffixes(absl::string_view text, absl::string_view& rest, ImageReference& result) {
  if (const size_t at = rest.find('@'); at != absl::string_view::npos) {
    result.digest = std::string(rest.substr(at + 1));
    if (!IsDigest(result.digest)) {
      return Invalid(text, "after '@' a digest is expected: sha256: and 64 hexadecimal digits");
    }
    rest = rest.substr(0, at);
  }
  const size_t slash = rest.rfind('/');
  const size_t colon = rest.rfind(':');
  const bool has_tag =
      colon != absl::string_view::npos && (slash == absl::string_view::npos || colon > slash);
  if (has_tag) {
    result.tag = std::string(rest.substr(colon + 1));
    if (!IsTag(result.tag)) {
      return Invalid(text,
                     "a tag is 1 to 128 letters, digits, '_', '.' and '-', beginning with a "
                     "letter, a digit or '_'");
    }
    rest = rest.substr(0, colon);
  }
  return absl::OkStatus();
}

}  // namespace

std::string ImageReference::Name() const {
  return registry.empty() ? repository : absl::StrCat(registry, "/", repository);
}

std::string ImageReference::ToString() const {
  return absl::StrCat(Name(), tag.empty() ? "" : ":", tag, digest.empty() ? "" : "@", digest);
}

absl::StatusOr<ImageReference> ParseImageReference(absl::string_view text) {
  if (text.empty()) return Invalid(text, "it is empty");
  ImageReference result;
  absl::string_view rest = text;
  if (absl::Status status = CutSuffixes(text, rest, result); !status.ok()) return status;
  if (rest.empty()) return Invalid(text, "the repository is missing");
  if (rest.size() > kMaxNameLength) return Invalid(text, "its name is longer than 255 characters");

  const size_t slash = rest.find('/');
  if (slash != absl::string_view::npos && LooksLikeRegistry(rest.substr(0, slash))) {
    result.registry = std::string(rest.substr(0, slash));
    if (!IsRegistry(result.registry)) {
      return Invalid(text, absl::StrCat("\"", result.registry, "\" is no registry's host[:port]"));
    }
    rest = rest.substr(slash + 1);
  }
  for (absl::string_view component : absl::StrSplit(rest, '/')) {
    if (IsPathComponent(component)) continue;
    return Invalid(text, absl::AsciiStrToLower(component) != component
                             ? "a repository has lower-case letters only"
                             : "a repository is made of lower-case letters and digits, with '.', "
                               "'_', '__' or dashes between them, and '/' between parts");
  }
  result.repository = std::string(rest);
  return result;
}

}  // namespace davit::spec
