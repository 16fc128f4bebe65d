#include "client/output/failure_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

// FailureLines, where the first line has `taken` columns less.
std::vector<std::string> LinesOf(const v1::Failure& failure, const Style& style, int taken) {
  std::vector<std::string> lines;
  const auto append = [&](absl::string_view first, absl::string_view text) {
    for (std::string& line : Hang(first, text, style.width)) lines.push_back(std::move(line));
  };
  const std::string what = absl::StrCat(failure.message(), " (", CodeName(failure.code()), ")");
  for (const std::string& line : SafeLines(what)) {
    for (std::string& part : Wrap(line, style.width, lines.empty() ? taken : 0)) {
      lines.push_back(std::move(part));
    }
  }
  for (const std::string& fact : failure.evidence()) {
    const absl::string_view text = absl::StripLeadingAsciiWhitespace(fact);
    // One that belongs to the fact before it is indented.
    const absl::string_view deeper = text.size() < fact.size() ? "  " : "";
    append(absl::StrCat("  ", deeper, style.Bullet(), " "), text);
  }
  if (failure.log_tail_size() > 0) lines.push_back("  Last lines of its log:");
  for (const std::string& line : failure.log_tail()) {
    for (const std::string& part : SafeLines(line)) {
      lines.push_back(absl::StrCat("    ", style.Dim(absl::StrCat("| ", part))));
    }
  }
  if (!failure.likely_cause().empty()) append("  Likely: ", failure.likely_cause());
  if (!failure.next_command().empty()) append("  Next:   ", failure.next_command());
  return lines;
}

}  // namespace

std::vector<v1::Failure> PartsOf(const v1::Failure& failure) {
  if (failure.parts().empty()) return {failure};
  return {failure.parts().begin(), failure.parts().end()};
}

std::vector<std::string> FailureLines(const v1::Failure& failure, const Style& style) {
  std::vector<std::string> lines;
  for (const v1::Failure& part : PartsOf(failure)) {
    for (std::string& line : LinesOf(part, style, 0)) lines.push_back(std::move(line));
  }
  return lines;
}

std::string ErrorText(const v1::Failure& failure, const Style& style) {
  constexpr absl::string_view kError = "error:";
  const auto taken = static_cast<int>(kError.size()) + 1;
  std::string text;
  for (const v1::Failure& part : PartsOf(failure)) {
    absl::StrAppend(&text, style.Red(kError), " ", absl::StrJoin(LinesOf(part, style, taken), "\n"),
                    "\n");
  }
  return text;
}

std::string CodeName(v1::FailureCode code) {
  const std::string& name = v1::FailureCode_Name(code);
  return name.empty() ? absl::StrCat("code ", static_cast<int>(code)) : name;
}

}  // namespace davit::output
