#include "common/redaction/escape.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace davit {
namespace {

constexpr absl::string_view kQuotedQuotes[] = {R"('\'')", R"('"'"')"};
constexpr absl::string_view kLetters = "nrtbfvae";
constexpr absl::string_view kControls = "\n\r\t\b\f\v\a\x1b";
constexpr size_t kUnitSize = 6;  // \uXXXX

int DigitOf(char c) {
  if (absl::ascii_isdigit(static_cast<unsigned char>(c))) return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

// `wanted` digits of the base after `prefix` bytes.
EscapeState ReadNumber(absl::string_view raw, size_t prefix, size_t wanted, int base,
                       uint32_t& number) {
  number = 0;
  for (const char c : raw.substr(prefix)) {
    const int digit = DigitOf(c);
    if (digit >= base) return EscapeState::kNone;
    number = number * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
  }
  return raw.size() < prefix + wanted ? EscapeState::kBegun : EscapeState::kWhole;
}

EscapeState ReadByte(absl::string_view raw, size_t prefix, size_t wanted, int base,
                     std::string& decoded) {
  uint32_t number = 0;
  const EscapeState state = ReadNumber(raw, prefix, wanted, base, number);
  if (state == EscapeState::kWhole) decoded.assign(1, static_cast<char>(number));
  return state;
}

char Continuation(uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); }

std::string Utf8Of(uint32_t code) {
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | (code >> 6)), Continuation(code)};
  if (code < 0x10000) {
    return {static_cast<char>(0xE0 | (code >> 12)), Continuation(code >> 6), Continuation(code)};
  }
  return {static_cast<char>(0xF0 | (code >> 18)), Continuation(code >> 12), Continuation(code >> 6),
          Continuation(code)};
}

// \uXXXX, or two of them for what lies beyond.
EscapeState ReadUnits(absl::string_view raw, std::string& decoded) {
  uint32_t unit = 0;
  EscapeState state = ReadNumber(raw.substr(0, kUnitSize), 2, 4, 16, unit);
  if (state != EscapeState::kWhole) return state;
  if (unit >= 0xD800 && unit < 0xDC00) {
    const absl::string_view rest = raw.substr(kUnitSize);
    if (!absl::StartsWith("\\u", rest.substr(0, 2))) return EscapeState::kNone;
    if (rest.size() <= 2) return EscapeState::kBegun;
    uint32_t low = 0;
    state = ReadNumber(rest, 2, 4, 16, low);
    if (state != EscapeState::kWhole) return state;
    if (low < 0xDC00 || low > 0xDFFF) return EscapeState::kNone;
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  decoded = Utf8Of(unit);
  return EscapeState::kWhole;
}

EscapeState ReadBackslash(absl::string_view raw, std::string& decoded) {
  if (raw.size() < 2) return EscapeState::kBegun;
  const char c = raw[1];
  if (c == 'u') return ReadUnits(raw, decoded);
  if (c == 'x') return ReadByte(raw, 2, 2, 16, decoded);
  if (c >= '0' && c <= '3') return ReadByte(raw, 1, 3, 8, decoded);
  const size_t control = kLetters.find(c);
  if (control != kLetters.npos) {
    decoded.assign(1, kControls[control]);
    return EscapeState::kWhole;
  }
  if (!absl::ascii_ispunct(static_cast<unsigned char>(c)) && c != ' ' && c != '\t') {
    return EscapeState::kNone;
  }
  decoded.assign(1, c);
  return EscapeState::kWhole;
}

EscapeState ReadQuotes(absl::string_view raw, std::string& decoded) {
  for (const absl::string_view quotes : kQuotedQuotes) {
    if (!absl::StartsWith(quotes, raw)) continue;
    if (raw.size() < quotes.size()) return EscapeState::kBegun;
    decoded = "'";
    return EscapeState::kWhole;
  }
  return EscapeState::kNone;
}

}  // namespace

bool BeginsEscape(char c) { return c == '%' || c == '+' || c == '\\' || c == '\''; }

EscapeState ReadEscape(absl::string_view raw, std::string& decoded) {
  switch (raw.front()) {
    case '%':
      return ReadByte(raw, 1, 2, 16, decoded);
    case '\\':
      return ReadBackslash(raw, decoded);
    case '\'':
      return ReadQuotes(raw, decoded);
    default:
      decoded = " ";
      return EscapeState::kWhole;
  }
}

}  // namespace davit
