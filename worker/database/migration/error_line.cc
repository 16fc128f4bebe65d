#include "worker/database/migration/error_line.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "worker/database/migration/error_form.h"

namespace davit::database {
namespace {

constexpr size_t kMostOfLine = 300;  // bytes
constexpr absl::string_view kTraceback = "Traceback (most recent call last):";

std::string Cut(absl::string_view text) {
  if (text.size() <= kMostOfLine) return std::string(text);
  return absl::StrCat(text.substr(0, kMostOfLine), "…");
}

ErrorLine MakeErrorLine(absl::string_view text, absl::string_view line) {
  return {.text = Cut(text), .line = Cut(absl::StripAsciiWhitespace(line))};
}

// Without colours, where a program takes its log for a terminal.
std::string WithoutEscapes(absl::string_view line) {
  std::string text;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line.substr(at, 2) != "\x1b[") {
      text += line[at];
      continue;
    }
    for (at += 2; at < line.size() && !absl::ascii_isalpha(static_cast<unsigned char>(line[at]));) {
      ++at;
    }
  }
  return text;
}

size_t IndentOf(absl::string_view line) {
  return line.size() - absl::StripLeadingAsciiWhitespace(line).size();
}

// Looks at line after line.
class ErrorSearch {
 public:
  void Put(absl::string_view line) {
    const absl::string_view words = absl::StripAsciiWhitespace(line);
    if (words.empty() || BeginsTraceback(line)) return;
    const bool ends_traceback = in_traceback_ && IndentOf(line) <= indent_;
    if (ends_traceback) in_traceback_ = false;
    if (SaysNoError(words) || IsAfterword(words) || in_traceback_) return;
    if (ends_traceback) {
      Take(ExceptionText(words), words);
    } else if (const auto text = ErrorTextOf(words); text.has_value()) {
      Take(*text, words);
    } else if (goes_on_ && !IsStackFrame(words)) {
      Take(words, words);
    }
  }
  const std::optional<ErrorLine>& found() const { return found_; }

 private:
  // "  Applying shop.0002_vat...Traceback": the traceback itself is not indented.
  bool BeginsTraceback(absl::string_view line) {
    const size_t at = line.find(kTraceback);
    if (at == absl::string_view::npos) return false;
    in_traceback_ = true;
    indent_ = IndentOf(line) == at ? at : 0;
    return true;
  }
  void Take(absl::string_view text, absl::string_view line) {
    found_ = MakeErrorLine(text.empty() ? line : text, line);
    goes_on_ = text.empty() || absl::EndsWith(text, ":");
  }

  std::optional<ErrorLine> found_;
  bool goes_on_ = false;  // the next line has the rest
  bool in_traceback_ = false;
  size_t indent_ = 0;  // of the traceback
};

}  // namespace

bool SaysNoError(absl::string_view line) {
  const absl::string_view words = absl::StripAsciiWhitespace(line);
  for (const absl::string_view begin : {"DETAIL:", "HINT:", "CONTEXT:", "LINE ",
                                        "STATEMENT:", "Detail:", "Hint:", "Statement  :"}) {
    if (absl::StartsWith(words, begin)) return true;
  }
  return absl::StrContains(line, "NOTICE:") || absl::StrContains(line, "WARNING:") ||
         absl::EndsWith(words, ", skipping");
}

std::optional<ErrorLine> FindErrorLine(absl::string_view output) {
  ErrorSearch search;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    search.Put(WithoutEscapes(line));
  }
  if (search.found().has_value()) return search.found();
  const std::string last = LastLine(output);
  if (IsShellError(last)) return ErrorLine{.text = last, .line = last};
  return std::nullopt;
}

std::string LastLine(absl::string_view output) {
  std::string last;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    const std::string plain = WithoutEscapes(line);
    const absl::string_view words = absl::StripAsciiWhitespace(plain);
    if (words.empty() || SaysNoError(words) || IsAfterword(words) || IsStackFrame(words)) continue;
    last = Cut(words);
  }
  return last;
}

}  // namespace davit::database
