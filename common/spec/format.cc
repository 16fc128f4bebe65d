#include "common/spec/format.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/spec/loader.h"
#include "common/spec/source_text.h"

namespace davit::spec {
namespace {

constexpr size_t kMaxColumns = 120;

char32_t CodePoint(absl::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  char32_t code = static_cast<unsigned char>(character[0]) & (0xFF >> (character.size() + 1));
  for (char c : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

// C0, DEL and C1, and the marks that turn the direction of a line round.
bool IsDangerous(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string VisibleCharacter(absl::string_view character) {
  const char32_t code = CodePoint(character);
  if (character == "\t") return "\\t";
  if (character == "\n") return "\\n";
  if (code < 0x100 && IsDangerous(code)) {
    return absl::StrFormat("\\x%02X", static_cast<unsigned>(code));
  }
  if (IsDangerous(code)) return absl::StrFormat("\\u%04X", static_cast<unsigned>(code));
  return std::string(character);
}

// The line as far as it is shown, one element a character of the source.
std::vector<std::string> VisibleCharacters(absl::string_view text, size_t most) {
  std::vector<std::string> result;
  while (!text.empty() && result.size() < most) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      result.push_back(absl::StrFormat("\\x%02X", static_cast<unsigned char>(text[0])));
    } else {
      result.push_back(VisibleCharacter(text.substr(0, length)));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  if (!text.empty()) result.push_back("…");
  return result;
}

size_t Width(absl::string_view visible) {
  return std::count_if(visible.begin(), visible.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// The line cut to a window of kMaxColumns in which the place is to be seen, and the caret.
std::string LineAndCaret(absl::string_view line, size_t column) {
  const size_t place = column - 1;
  const std::vector<std::string> all =
      VisibleCharacters(line, std::max(place + kMaxColumns, kMaxColumns));
  const size_t begin = place < kMaxColumns ? 0 : place - kMaxColumns / 2;
  std::string shown = begin == 0 ? "" : "…";
  size_t width = Width(shown);
  size_t caret = width;
  for (size_t i = begin; i < all.size(); ++i) {
    const size_t next = Width(all[i]);
    const bool is_last = i + 1 == all.size();
    if (width + next > (is_last ? kMaxColumns : kMaxColumns - 1)) {
      absl::StrAppend(&shown, "…");
      break;
    }
    if (i < place) caret += next;
    width += next;
    absl::StrAppend(&shown, all[i]);
  }
  return absl::StrCat("  ", shown, "\n  ", std::string(caret, ' '), "^\n");
}

}  // namespace

std::string Visible(absl::string_view text, size_t most) {
  std::string result;
  for (const std::string& character : VisibleCharacters(text, most)) {
    absl::StrAppend(&result, character);
  }
  return result;
}

std::string FormatProblems(absl::string_view file_name, absl::string_view text,
                           const std::vector<Problem>& problems) {
  const SourceText source(text);
  std::string result;
  for (const Problem& problem : problems) {
    if (problem.line < 1 || problem.line > source.line_count() || problem.column < 1) {
      const absl::string_view place = problem.place.empty() ? file_name : problem.place;
      absl::StrAppend(&result, place, ": ", problem.message, "\n");
      continue;
    }
    absl::StrAppend(&result, file_name, ":", problem.line, ":", problem.column, ": ",
                    problem.message, "\n");
    if (problem.hides) continue;
    absl::StrAppend(&result, LineAndCaret(source.Line(problem.line), problem.column));
  }
  return result;
}

}  // namespace davit::spec
