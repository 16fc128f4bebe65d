#include "client/build/ignore_pattern.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace davit::build {
namespace {

// More than any honest pattern needs; what is beyond is refused, not slow.
constexpr int64_t kRegexMemoryBytes = 1 << 20;

absl::Status BadPattern(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no pattern: ", why));
}

// What a pattern is made into. Docker knows three ways of matching, and which one is
// taken shows in what `**` at the beginning matches.
struct Translation {
  std::string regex = "^";
  bool is_regex = false;
  bool is_suffix = false;
};

// Takes the character before which the pattern stands, or the asterisks.
class Translator {
 public:
  explicit Translator(absl::string_view pattern) : rest_(pattern) {}

  Translation Run() {
    for (bool first = true; !rest_.empty(); first = false) Step(first);
    made_.regex += '$';
    return std::move(made_);
  }

 private:
  void Step(bool first) {
    if (absl::ConsumePrefix(&rest_, "**")) return DoubleStar(first);
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '*' || c == '?') {
      Regex(c == '*' ? "[^/]*" : "[^/]");
    } else if (c == '[' || c == ']') {
      Regex(absl::string_view(&c, 1));
    } else if (c == '\\' && !rest_.empty()) {
      Regex(absl::StrCat("\\", rest_.substr(0, 1)));
      rest_.remove_prefix(1);
    } else {
      if (absl::string_view(".+()|{}$").find(c) != absl::string_view::npos) made_.regex += '\\';
      made_.regex += c;
    }
  }

  void DoubleStar(bool first) {
    absl::ConsumePrefix(&rest_, "/");
    Regex(rest_.empty() ? ".*" : "(.*/)?");
    if (!first) return;
    made_.is_suffix = true;
    made_.is_regex = false;
  }

  void Regex(absl::string_view part) {
    absl::StrAppend(&made_.regex, part);
    made_.is_regex = true;
    made_.is_suffix = false;
  }

  absl::string_view rest_;
  Translation made_;
};

// What Go's filepath.Match refuses: a class that is empty or open, and a lonely `\`.
absl::Status CheckSyntax(absl::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && ++i == pattern.size()) return BadPattern(pattern, "it ends with \\");
    if (pattern[i] != '[') continue;
    const size_t begin = i + (pattern.substr(i + 1, 1) == "^" ? 2 : 1);
    for (i = begin; i < pattern.size() && pattern[i] != ']'; ++i) {
      if (pattern[i] == '\\') ++i;
    }
    if (i >= pattern.size()) return BadPattern(pattern, "a [ is not closed");
    if (i == begin) return BadPattern(pattern, "a [] is empty");
  }
  return absl::OkStatus();
}

}  // namespace

std::string CleanPath(absl::string_view path) {
  const bool rooted = absl::StartsWith(path, "/");
  std::vector<absl::string_view> parts;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    const bool up = part == "..";
    if (up && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!up || !rooted) {
      parts.push_back(part);
    }
  }
  const std::string cleaned = absl::StrCat(rooted ? "/" : "", absl::StrJoin(parts, "/"));
  return cleaned.empty() ? "." : cleaned;
}

absl::StatusOr<IgnorePattern> IgnorePattern::Compile(absl::string_view text) {
  const bool exception = absl::ConsumePrefix(&text, "!");
  if (text.empty()) return BadPattern("!", "nothing is taken back by it");
  if (absl::Status syntax = CheckSyntax(text); !syntax.ok()) return syntax;
  IgnorePattern pattern(std::string(text), exception);
  const Translation made = Translator(text).Run();
  pattern.is_suffix_ = made.is_suffix;
  if (!made.is_regex) return pattern;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryBytes);
  pattern.regex_ = std::make_shared<RE2>(made.regex, options);
  if (!pattern.regex_->ok()) return BadPattern(text, pattern.regex_->error());
  return pattern;
}

bool IgnorePattern::Matches(absl::string_view path) const {
  if (regex_ != nullptr) {
    return RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), *regex_);
  }
  if (!is_suffix_) return path == text_;
  const absl::string_view suffix = absl::string_view(text_).substr(2);
  return absl::EndsWith(path, suffix) ||
         (absl::StartsWith(suffix, "/") && path == suffix.substr(1));
}

}  // namespace davit::build
