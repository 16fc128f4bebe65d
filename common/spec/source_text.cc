#include "common/spec/source_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace davit::spec {
namespace {

constexpr size_t kMaxTextSize = size_t{1} << 20;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool IsForbiddenControl(char c) {
  return absl::ascii_iscntrl(c) && c != '\t' && c != '\n' && c != '\r';
}

bool IsUtf16(absl::string_view text) {
  return absl::StartsWith(text, "\xFF\xFE") || absl::StartsWith(text, "\xFE\xFF");
}

// Smallest code point that needs this many bytes: what is below is an overlong form.
constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

bool IsScalarValue(char32_t code, size_t length) {
  return code >= kSmallest[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

}  // namespace

size_t Utf8Length(absl::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF8   ? 0
                        : first >= 0xF0 ? 4
                        : first >= 0xE0 ? 3
                        : first >= 0xC0 ? 2
                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  char32_t code = first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  return IsScalarValue(code, length) ? length : 0;
}

std::optional<TextFault> FindTextFault(absl::string_view text) {
  if (text.size() > kMaxTextSize) {
    return TextFault{kWholeFile, "the file is larger than 1 MiB"};
  }
  if (IsUtf16(text)) return TextFault{0, "the file is UTF-16; save it as UTF-8"};
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text.substr(i));
    if (length == 0) {
      return TextFault{static_cast<Offset>(i), "binary data: this byte is not UTF-8"};
    }
    if (IsForbiddenControl(text[i])) {
      return TextFault{static_cast<Offset>(i),
                       absl::StrFormat("binary data: control character 0x%02X", text[i])};
    }
    i += length;
  }
  return std::nullopt;
}

SourceText::SourceText(absl::string_view text)
    : text_(absl::StripPrefix(text, "\xEF\xBB\xBF")), line_starts_{0} {
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n' && i + 1 < text_.size())
      line_starts_.push_back(static_cast<Offset>(i + 1));
  }
}

absl::string_view SourceText::Line(int line) const {
  absl::string_view rest = text_.substr(line_starts_[line - 1]);
  rest = rest.substr(0, rest.find('\n'));
  return absl::EndsWith(rest, "\r") ? rest.substr(0, rest.size() - 1) : rest;
}

LineColumn SourceText::Place(Offset offset) const {
  if (offset == kWholeFile) return {};
  const auto size = static_cast<Offset>(text_.size());
  const Offset end = absl::EndsWith(text_, "\n") ? size - 1 : size;
  offset = std::min(offset, end);
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const int line = static_cast<int>(next - line_starts_.begin());
  const absl::string_view before = text_.substr(LineStart(line), offset - LineStart(line));
  const auto characters =
      std::count_if(before.begin(), before.end(), [](char c) { return !IsContinuation(c); });
  return {line, static_cast<int>(characters) + 1};
}

}  // namespace davit::spec
