#include "common/redaction/forms.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace davit {
namespace {

// What `base64` and `openssl base64` make lines of.
constexpr size_t kLineLengths[] = {76, 64};
constexpr size_t kBase64Alignments = 3;

void AddPattern(absl::string_view pattern, std::vector<std::string>& patterns) {
  if (pattern.size() >= kShortestSecret) patterns.emplace_back(pattern);
}

// Longer base64 is often broken into lines, and logs come by lines.
void AddBase64Lines(absl::string_view base64, std::vector<std::string>& patterns) {
  for (const size_t length : kLineLengths) {
    if (base64.size() <= length) continue;
    for (size_t i = 0; i < base64.size(); i += length) {
      AddPattern(base64.substr(i, length), patterns);
    }
  }
}

void AddBothAlphabets(absl::string_view base64, std::vector<std::string>& patterns) {
  AddPattern(base64, patterns);
  AddPattern(absl::StrReplaceAll(base64, {{"+", "-"}, {"/", "_"}}), patterns);
}

void AddBase64(absl::string_view value, std::vector<std::string>& patterns) {
  for (size_t before = 0; before < kBase64Alignments; ++before) {
    std::string base64 = Base64Within(value, before);
    if (before == 0) AddBase64Lines(base64, patterns);
    AddBothAlphabets(base64, patterns);
    if ((before + value.size()) % kBase64Alignments == 0) continue;
    // The last character is another one when something follows.
    base64.pop_back();
    AddBothAlphabets(base64, patterns);
  }
}

void AddLines(absl::string_view value, std::vector<std::string>& patterns) {
  for (const absl::string_view line : absl::StrSplit(value, absl::ByAnyChar("\r\n"))) {
    AddPattern(absl::StripAsciiWhitespace(line), patterns);
  }
}

void AddForms(absl::string_view value, std::vector<std::string>& patterns) {
  if (value.size() < kShortestSecret) return;
  AddPattern(value, patterns);
  AddLines(value, patterns);
  AddBase64(value, patterns);
}

}  // namespace

std::string Base64Within(absl::string_view value, size_t before) {
  std::string base64 = absl::Base64Escape(absl::StrCat(std::string(before, '\0'), value));
  while (absl::EndsWith(base64, "=")) base64.pop_back();
  // Six bits a character: the first ones have bits of what is before.
  return base64.substr((before * 8 + 5) / 6);
}

std::vector<std::string> SecretPatterns(absl::Span<const std::string> values) {
  std::vector<std::string> patterns;
  for (const std::string& value : values) {
    AddForms(value, patterns);
    // Whoever uses a value often takes the blanks and line breaks off its ends.
    const absl::string_view stripped = absl::StripAsciiWhitespace(value);
    if (stripped != value) AddForms(stripped, patterns);
  }
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  return patterns;
}

}  // namespace davit
