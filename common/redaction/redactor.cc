#include "common/redaction/redactor.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/redaction/forms.h"
#include "common/redaction/masking_stream.h"

namespace davit {
namespace {

constexpr absl::string_view kEllipsis = "…";
constexpr absl::string_view kNoCharacter = "\xEF\xBF\xBD";
// No secret, and a word that a sentence may well end with.
constexpr absl::string_view kScheme = "postgresql";

}  // namespace

Redactor::Redactor(absl::Span<const std::string> values) : automaton_(SecretPatterns(values)) {}

std::string Redactor::Mask(absl::string_view text) const {
  if (empty()) return std::string(text);
  MaskingStream stream(this);
  std::string masked = stream.Put(text);
  absl::StrAppend(&masked, stream.Flush());
  return masked;
}

std::string Redactor::MaskCut(absl::string_view text) const {
  if (empty()) return std::string(text);
  absl::string_view rest = text;
  while (absl::ConsumeSuffix(&rest, kEllipsis) || absl::ConsumeSuffix(&rest, kNoCharacter)) {
  }
  MaskingStream stream(this);
  std::string masked = stream.Put(rest);
  if (stream.held() < kShownBeginning ||
      absl::StartsWith(kScheme, rest.substr(rest.size() - stream.held()))) {
    absl::StrAppend(&masked, stream.Flush());
  } else if (!absl::EndsWith(masked, kMask)) {
    absl::StrAppend(&masked, kMask);
  }
  return absl::StrCat(masked, text.substr(rest.size()));
}

}  // namespace davit
