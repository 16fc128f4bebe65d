#include "client/output/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

constexpr int kGap = 2;

using Rows = std::vector<std::vector<std::string>>;

Rows OnOneLineEach(Rows rows, size_t columns) {
  for (auto& row : rows) {
    row.resize(columns);
    for (std::string& cell : row) cell = absl::StrReplaceAll(Sanitize(cell), {{"\n", " "}});
  }
  return rows;
}

std::vector<int> WidthsOf(const std::vector<Column>& columns, const Rows& rows) {
  std::vector<int> widths;
  for (size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(DisplayWidth(columns[i].title));
    for (const auto& row : rows) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  return widths;
}

bool SaysNothing(const std::string& cell) { return cell.empty() || cell == "-"; }

bool IsEmpty(size_t column, const Rows& rows) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return SaysNothing(row[column]); });
}

int TotalWidth(const std::vector<size_t>& chosen, const std::vector<int>& widths) {
  int total = -kGap;
  for (const size_t i : chosen) total += widths[i] + kGap;
  return total;
}

// Indices of the columns that find room; all that may not be left out at least.
std::vector<size_t> Choose(const std::vector<Column>& columns, const Rows& rows,
                           const std::vector<int>& widths, int width) {
  std::vector<size_t> wanted;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].optional || !IsEmpty(i, rows)) wanted.push_back(i);
  }
  if (width <= 0) return wanted;
  // Those that can least be spared come first, and one that is too wide keeps no
  // other out.
  std::stable_sort(wanted.begin(), wanted.end(),
                   [&](size_t a, size_t b) { return columns[a].spare < columns[b].spare; });
  std::vector<size_t> chosen;
  for (const size_t i : wanted) {
    chosen.push_back(i);
    if (columns[i].spare > 0 && TotalWidth(chosen, widths) > width) chosen.pop_back();
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// The first cell, and the others under it with their titles.
std::string Blocks(const std::vector<Column>& columns, const Rows& rows) {
  int title_width = 0;
  for (const Column& column : columns) {
    title_width = std::max(title_width, DisplayWidth(column.title));
  }
  std::string text;
  for (const auto& row : rows) {
    const std::string indent(std::min(row[0].find_first_not_of(' '), row[0].size()) + kGap, ' ');
    absl::StrAppend(&text, text.empty() ? "" : "\n", row[0], "\n");
    for (size_t i = 1; i < columns.size(); ++i) {
      if (SaysNothing(row[i])) continue;
      const std::string title = absl::AsciiStrToLower(columns[i].title);
      absl::StrAppend(&text, indent, Pad(title, title_width + kGap), row[i], "\n");
    }
  }
  return text;
}

}  // namespace

std::string RenderTable(const std::vector<Column>& columns, const Rows& rows, int width) {
  const Rows safe = OnOneLineEach(rows, columns.size());
  const std::vector<int> widths = WidthsOf(columns, safe);
  const std::vector<size_t> chosen = Choose(columns, safe, widths, width);
  if (width > 0 && TotalWidth(chosen, widths) > width) return Blocks(columns, safe);
  std::string text;
  const auto append = [&](const auto& cell) {
    std::string line;
    for (const size_t i : chosen) absl::StrAppend(&line, Pad(cell(i), widths[i] + kGap));
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  };
  append([&](size_t i) { return columns[i].title; });
  for (const auto& row : safe) append([&](size_t i) { return row[i]; });
  return text;
}

}  // namespace davit::output
