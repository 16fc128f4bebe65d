#include "client/output/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/output/text.h"

namespace davit::output {

std::string RenderTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> all = {header};
  all.insert(all.end(), rows.begin(), rows.end());
  std::vector<int> widths(header.size(), 0);
  for (auto& row : all) {
    row.resize(header.size());
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = absl::StrReplaceAll(Sanitize(row[i]), {{"\n", " "}});
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string text;
  for (const auto& row : all) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) absl::StrAppend(&line, Pad(row[i], widths[i] + 2));
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

}  // namespace davit::output
