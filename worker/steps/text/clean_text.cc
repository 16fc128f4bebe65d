#include "worker/steps/text/clean_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace davit::steps {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

uint8_t ByteAt(absl::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

// Length that the first byte promises; 0: it cannot be a first byte.
size_t PromisedLength(uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// Bytes of the character that `text` begins with; 0: it begins with none.
size_t CharacterLength(absl::string_view text) {
  const size_t length = PromisedLength(ByteAt(text, 0));
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((ByteAt(text, i) & 0xC0) != 0x80) return 0;
  }
  if (length < 3) return length;
  const uint8_t first = ByteAt(text, 0), second = ByteAt(text, 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool too_big = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_big ? 0 : length;
}

bool IsControl(char c) {
  return (static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

}  // namespace

std::string CleanText(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      absl::StrAppend(&clean, kReplacement);
    } else if (length == 1 && IsControl(text.front())) {
      clean.push_back(' ');
    } else {
      absl::StrAppend(&clean, text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

}  // namespace davit::steps
