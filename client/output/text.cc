#include "client/output/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace davit::output {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";
constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Decoded {
  char32_t code_point = kInvalid;
  size_t size = 1;
};

int SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

bool IsOverlongOrSurrogate(char32_t c, int length) {
  if (length == 3) return c < 0x800 || (c >= 0xD800 && c <= 0xDFFF);
  return length == 4 && (c < 0x10000 || c > 0x10FFFF);
}

// The first code point of `text`, which must not be empty.
Decoded Decode(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const int length = SequenceLength(lead);
  if (length == 0 || text.size() < static_cast<size_t>(length)) return {};
  char32_t c = length == 1 ? lead : lead & (0x7Fu >> length);
  for (int i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    c = (c << 6) | (byte & 0x3F);
  }
  if (IsOverlongOrSurrogate(c, length)) return {};
  return {c, static_cast<size_t>(length)};
}

bool TurnsDirection(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
}

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// Length of the CSI sequence after "ESC [", its final byte included.
size_t CsiLength(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x40 && c <= 0x7E) return i + 1;
    if (c < 0x20 || c > 0x7E) return i;
  }
  return text.size();
}

// Length of a string sequence (OSC, DCS…) after its introducer: to BEL or ESC \.
size_t StringSequenceLength(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\a') return i + 1;
    if (text[i] == '\x1b') return i + 1 < text.size() && text[i + 1] == '\\' ? i + 2 : i;
    if (text[i] == '\n') return i;
  }
  return text.size();
}

// Length of the escape sequence that `text` begins with.
size_t EscapeLength(absl::string_view text) {
  if (text.size() < 2) return 1;
  if (text[1] == '[') return 2 + CsiLength(text.substr(2));
  if (absl::string_view("]PX^_").find(text[1]) != absl::string_view::npos) {
    return 2 + StringSequenceLength(text.substr(2));
  }
  const auto c = static_cast<unsigned char>(text[1]);
  return c >= 0x30 && c <= 0x7E ? 2 : 1;
}

// Length of the printable ASCII, newlines included, that `text` begins with: nearly
// all of most logs, and nothing to think about.
size_t PlainLength(absl::string_view text) {
  const auto* end = std::find_if_not(text.begin(), text.end(),
                                     [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\n'; });
  return static_cast<size_t>(end - text.begin());
}

bool IsWide(char32_t c) {
  constexpr std::array<std::array<char32_t, 2>, 9> kWide = {{{0x1100, 0x115F},
                                                             {0x2E80, 0xA4CF},
                                                             {0xAC00, 0xD7A3},
                                                             {0xF900, 0xFAFF},
                                                             {0xFE30, 0xFE6F},
                                                             {0xFF00, 0xFF60},
                                                             {0xFFE0, 0xFFE6},
                                                             {0x1F300, 0x1FAFF},
                                                             {0x20000, 0x3FFFD}}};
  for (const auto& range : kWide) {
    if (c >= range[0] && c <= range[1]) return true;
  }
  return false;
}

bool IsCombining(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F);
}

int WidthOf(char32_t c) {
  if (IsCombining(c)) return 0;
  return IsWide(c) ? 2 : 1;
}

}  // namespace

std::string Sanitize(absl::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const size_t plain = PlainLength(text);
    safe.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Decoded next = Decode(text);
    size_t size = next.size;
    if (next.code_point == 0x1B) {
      size = EscapeLength(text);
    } else if (next.code_point == '\r' && text.size() > 1 && text[1] == '\n') {
      // A line end as Windows and terminals write it: the newline does.
    } else if (next.code_point == '\t') {
      safe += "    ";
    } else if (next.code_point == kInvalid || IsControl(next.code_point) ||
               TurnsDirection(next.code_point)) {
      absl::StrAppend(&safe, kReplacement);
    } else {
      absl::StrAppend(&safe, text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return safe;
}

std::vector<std::string> SafeLines(absl::string_view text) {
  std::vector<std::string> lines = absl::StrSplit(Sanitize(text), '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Decoded next = Decode(text);
    width += WidthOf(next.code_point);
    text.remove_prefix(next.size);
  }
  return width;
}

std::string Fit(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width <= 0) return "";
  size_t end = 0;
  int used = 0;
  while (end < text.size()) {
    const Decoded next = Decode(text.substr(end));
    if (used + WidthOf(next.code_point) > width - 1) break;
    used += WidthOf(next.code_point);
    end += next.size;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

std::string Pad(absl::string_view text, int width) {
  const int missing = width - DisplayWidth(text);
  return absl::StrCat(text, std::string(missing > 0 ? missing : 0, ' '));
}

std::string FormatElapsed(absl::Duration elapsed) {
  elapsed = std::max(elapsed, absl::ZeroDuration());
  const auto tenths = static_cast<int64_t>(std::floor(absl::ToDoubleMilliseconds(elapsed) / 100));
  if (tenths < 600) return absl::StrFormat("%d.%ds", tenths / 10, tenths % 10);
  const int64_t seconds = tenths / 10;
  if (seconds < 3600) return absl::StrFormat("%dm%02ds", seconds / 60, seconds % 60);
  return absl::StrFormat("%dh%02dm", seconds / 3600, seconds / 60 % 60);
}

std::string FormatBytes(int64_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  auto value = static_cast<double>(bytes);
  absl::string_view unit;
  for (absl::string_view next : {"kB", "MB", "GB", "TB"}) {
    value /= 1000;
    unit = next;
    if (value < 999.95) break;
  }
  return absl::StrFormat("%.1f %s", value, unit);
}

std::string Count(int64_t number, absl::string_view noun) {
  return absl::StrCat(number, " ", noun, number == 1 ? "" : "s");
}

}  // namespace davit::output
