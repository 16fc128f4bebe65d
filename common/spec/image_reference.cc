#include "common/spec/image_reference.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::spec {
namespace {

constexpr size_t kMaxNameLength = 255;
constexpr size_t kMaxTagLength = 128;
constexpr size_t kSha256HexLength = 64;

absl::Status Invalid(absl::string_view why) { return absl::InvalidArgumentError(why); }

bool IsLowerAlnum(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

bool IsDigit(char c) { return absl::ascii_isdigit(c); }

bool IsLowerHex(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); }

bool All(absl::string_view text, bool (*predicate)(char)) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// One separator of a path component: '.', '_', '__' or any number of dashes.
bool IsSeparator(absl::string_view text) {
  return text == "." || text == "_" || text == "__" ||
         (!text.empty() && text.find_first_not_of('-') == absl::string_view::npos);
}

bool IsPathComponent(absl::string_view text) {
  if (text.empty() || !IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = begin;
    const bool alnum = IsLowerAlnum(text[begin]);
    while (end < text.size() && IsLowerAlnum(text[end]) == alnum) ++end;
    if (!alnum && !IsSeparator(text.substr(begin, end - begin))) return false;
    begin = end;
  }
  return true;
}

bool IsDomainComponent(absl::string_view text) {
  return !text.empty() && absl::ascii_isalnum(text.front()) && absl::ascii_isalnum(text.back()) &&
         All(text, [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

bool IsIpv6Host(absl::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         All(host.substr(1, host.size() - 2),
             [](char c) { return absl::ascii_isxdigit(c) || c == ':'; });
}

bool IsRegistry(absl::string_view text) {
  absl::string_view host = text;
  const size_t colon = text.rfind(':');
  if (colon != absl::string_view::npos && text.back() != ']') {
    const absl::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !All(port, IsDigit)) return false;
    host = text.substr(0, colon);
  }
  if (IsIpv6Host(host)) return true;
  for (absl::string_view part : absl::StrSplit(host, '.')) {
    if (!IsDomainComponent(part)) return false;
  }
  return true;
}

// The rule of Docker: only what cannot be a path component is a registry.
bool LooksLikeRegistry(absl::string_view first) {
  return first == "localhost" || first.find_first_of(".:[") != absl::string_view::npos ||
         std::any_of(first.begin(), first.end(), [](char c) { return absl::ascii_isupper(c); });
}

absl::Status TakeDigest(absl::string_view* rest, ImageReference* reference) {
  const size_t at = rest->find('@');
  if (at == absl::string_view::npos) return absl::OkStatus();
  const absl::string_view digest = rest->substr(at + 1);
  absl::string_view hex = digest;
  if (!absl::ConsumePrefix(&hex, "sha256:") || hex.size() != kSha256HexLength ||
      !All(hex, IsLowerHex)) {
    return Invalid("the digest after '@' must be sha256: and 64 lower-case hexadecimal digits");
  }
  reference->digest = std::string(digest);
  *rest = rest->substr(0, at);
  return absl::OkStatus();
}

absl::Status TakeTag(absl::string_view* rest, ImageReference* reference) {
  const size_t slash = rest->rfind('/');
  const size_t colon = rest->rfind(':');
  if (colon == absl::string_view::npos || (slash != absl::string_view::npos && colon < slash)) {
    return absl::OkStatus();
  }
  const absl::string_view tag = rest->substr(colon + 1);
  if (tag.empty()) return Invalid("the tag after ':' is empty");
  if (tag.size() > kMaxTagLength) return Invalid("the tag has more than 128 characters");
  const auto is_word = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  if (!is_word(tag.front())) return Invalid("a tag cannot begin with '.' or '-'");
  if (!All(tag, [](char c) { return absl::ascii_isalnum(c) || absl::StrContains("_.-", c); })) {
    return Invalid("a tag has letters, digits, '_', '.' and '-' only");
  }
  reference->tag = std::string(tag);
  *rest = rest->substr(0, colon);
  return absl::OkStatus();
}

absl::Status TakeName(absl::string_view rest, ImageReference* reference) {
  if (rest.empty()) return Invalid("the repository is missing");
  if (rest.size() > kMaxNameLength) return Invalid("the name has more than 255 characters");
  const size_t slash = rest.find('/');
  if (slash != absl::string_view::npos && LooksLikeRegistry(rest.substr(0, slash))) {
    const absl::string_view registry = rest.substr(0, slash);
    if (!IsRegistry(registry)) return Invalid("the registry before the first '/' is no host name");
    reference->registry = std::string(registry);
    rest = rest.substr(slash + 1);
  }
  for (absl::string_view part : absl::StrSplit(rest, '/')) {
    if (part.empty()) return Invalid("a part of the repository between '/' is empty");
    if (!All(part, [](char c) { return !absl::ascii_isupper(c); })) {
      return Invalid("the repository must be lower case");
    }
    if (!IsPathComponent(part)) {
      return Invalid(
          "a repository has lower-case letters and digits, separated by '.', '_', '__' or '-'");
    }
  }
  if (reference->registry.empty() && rest.size() == kSha256HexLength && All(rest, IsLowerHex)) {
    return Invalid("64 hexadecimal digits are an image's id, not a repository");
  }
  reference->repository = std::string(rest);
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
  ImageReference reference;
  if (absl::Status status = TakeDigest(&text, &reference); !status.ok()) return status;
  if (absl::Status status = TakeTag(&text, &reference); !status.ok()) return status;
  if (absl::Status status = TakeName(text, &reference); !status.ok()) return status;
  return reference;
}

}  // namespace davit::spec
