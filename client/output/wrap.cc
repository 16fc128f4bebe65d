#include "client/output/wrap.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

// Narrower lines than that would be worse than broken ones.
constexpr int kNarrowest = 10;

}  // namespace

std::vector<std::string> Wrap(absl::string_view line, int width, int taken) {
  if (width <= 0 || DisplayWidth(line) + taken <= width) return {std::string(line)};
  std::vector<std::string> lines;
  std::string current;
  bool empty = true;
  for (absl::string_view word : absl::StrSplit(line, ' ')) {
    const int used = (lines.empty() ? taken : 0) + DisplayWidth(current);
    if (!empty && used + 1 + DisplayWidth(word) > std::max(width, kNarrowest)) {
      lines.push_back(std::exchange(current, ""));
      empty = true;
    }
    absl::StrAppend(&current, empty ? "" : " ", word);
    empty = current.empty() && !lines.empty();
  }
  if (!current.empty()) lines.push_back(std::move(current));
  return lines;
}

std::vector<std::string> Hang(absl::string_view first, absl::string_view text, int width) {
  const int indent = DisplayWidth(first);
  std::vector<std::string> lines;
  for (const std::string& line : SafeLines(text)) {
    for (const std::string& part : Wrap(line, width > 0 ? std::max(width - indent, 1) : 0)) {
      lines.push_back(absl::StrCat(lines.empty() ? first : std::string(indent, ' '), part));
    }
  }
  return lines;
}

std::string HangText(absl::string_view first, absl::string_view text, int width) {
  return absl::StrCat(absl::StrJoin(Hang(first, text, width), "\n"), "\n");
}

std::string FitWords(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width || width <= kNarrowest) return Fit(text, width);
  const std::string first = Wrap(text, width - 2).front();
  return DisplayWidth(first) > width - 2 ? Fit(text, width) : absl::StrCat(first, " …");
}

}  // namespace davit::output
