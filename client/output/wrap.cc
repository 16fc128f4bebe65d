#include "client/output/wrap.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/next_command.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

// Narrower lines than that would be worse than broken ones.
constexpr int kNarrowest = 10;

// Where what must stand whole begins next from `from` on: a command, or what is in backquotes.
std::optional<CommandSpan> FindWhole(absl::string_view line, size_t from) {
  std::optional<CommandSpan> command = FindCommand(line, from);
  const size_t open = line.find('`', from);
  const size_t close = open == line.npos ? open : line.find('`', open + 1);
  if (close == line.npos || (command && command->begin < open)) return command;
  return CommandSpan{open, close + 1};
}

// Split at spaces, but for those of what must stand whole: half a command that is pasted
// does something else.
std::vector<absl::string_view> WordsOf(absl::string_view line) {
  std::vector<absl::string_view> words;
  size_t begin = 0;
  std::optional<CommandSpan> whole = FindWhole(line, 0);
  for (size_t at = 0; at < line.size(); ++at) {
    if (whole && at == whole->begin) {
      at = whole->end;
      whole = FindWhole(line, at);
    }
    if (at >= line.size() || line[at] != ' ') continue;
    words.push_back(line.substr(begin, at - begin));
    begin = at + 1;
  }
  words.push_back(line.substr(begin));
  return words;
}

}  // namespace

std::vector<std::string> Wrap(absl::string_view line, int width, int taken) {
  if (width <= 0 || DisplayWidth(line) + taken <= width) return {std::string(line)};
  std::vector<std::string> lines;
  std::string current;
  bool empty = true;
  for (const absl::string_view word : WordsOf(line)) {
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
