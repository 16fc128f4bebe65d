#include "client/output/failure_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

// `text` on one or more lines: `first` before the first, spaces before the others.
void Append(std::vector<std::string>& lines, absl::string_view first, absl::string_view text) {
  std::string indent(first);
  for (const std::string& line : SafeLines(text)) {
    lines.push_back(absl::StrCat(indent, line));
    indent.assign(DisplayWidth(first), ' ');
  }
}

}  // namespace

std::vector<std::string> FailureLines(const v1::Failure& failure, const Style& style) {
  std::vector<std::string> lines;
  Append(lines, "", absl::StrCat(failure.message(), " (", CodeName(failure.code()), ")"));
  for (const std::string& fact : failure.evidence()) {
    Append(lines, absl::StrCat("  ", style.Bullet(), " "), fact);
  }
  if (failure.log_tail_size() > 0) lines.push_back("  Last lines of its log:");
  for (const std::string& line : failure.log_tail()) {
    for (const std::string& part : SafeLines(line)) {
      lines.push_back(absl::StrCat("    ", style.Dim(absl::StrCat("| ", part))));
    }
  }
  if (!failure.likely_cause().empty()) Append(lines, "  Likely: ", failure.likely_cause());
  if (!failure.next_command().empty()) Append(lines, "  Next:   ", failure.next_command());
  return lines;
}

std::string ErrorText(const v1::Failure& failure, const Style& style) {
  return absl::StrCat(style.Red("error:"), " ", absl::StrJoin(FailureLines(failure, style), "\n"),
                      "\n");
}

std::string CodeName(v1::FailureCode code) {
  const std::string& name = v1::FailureCode_Name(code);
  return name.empty() ? absl::StrCat("code ", static_cast<int>(code)) : name;
}

}  // namespace davit::output
