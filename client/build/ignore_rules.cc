#include "client/build/ignore_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace davit::build {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Without the slashes that mean nothing: all patterns start at the root.
std::string Normalised(absl::string_view pattern) {
  std::string clean = CleanPath(pattern);
  return clean.size() > 1 && clean[0] == '/' ? clean.substr(1) : clean;
}

// Whether `pattern` fits the path or a directory that it lies in.
bool FitsPathOrParent(const IgnorePattern& pattern, absl::string_view path) {
  if (pattern.Matches(path)) return true;
  for (size_t end = path.find('/'); end != absl::string_view::npos; end = path.find('/', end + 1)) {
    if (pattern.Matches(path.substr(0, end))) return true;
  }
  return false;
}

bool LiesIn(absl::string_view path, absl::string_view directory) {
  return absl::StartsWith(absl::StrCat(path, "/"), absl::StrCat(directory, "/"));
}

}  // namespace

absl::StatusOr<IgnoreRules> IgnoreRules::Parse(absl::string_view text) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  IgnoreRules rules;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::Status added = rules.Add(line);
    if (added.ok()) continue;
    return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", added.message()));
  }
  return rules;
}

absl::Status IgnoreRules::Add(absl::string_view line) {
  if (absl::StartsWith(line, "#")) return absl::OkStatus();
  absl::string_view pattern = absl::StripAsciiWhitespace(line);
  if (pattern.empty()) return absl::OkStatus();
  const bool exception = absl::ConsumePrefix(&pattern, "!");
  pattern = absl::StripAsciiWhitespace(pattern);
  if (pattern.empty()) return absl::InvalidArgumentError("nothing is taken back by a lonely !");
  auto compiled = IgnorePattern::Compile(absl::StrCat(exception ? "!" : "", Normalised(pattern)));
  if (!compiled.ok()) return compiled.status();
  patterns_.push_back(*std::move(compiled));
  return absl::OkStatus();
}

bool IgnoreRules::LeavesOut(absl::string_view path) const {
  if (std::find(taken_back_.begin(), taken_back_.end(), path) != taken_back_.end()) return false;
  bool left_out = false;
  for (const IgnorePattern& pattern : patterns_) {
    if (pattern.exception() != left_out) continue;  // it would change nothing
    if (FitsPathOrParent(pattern, path)) left_out = !left_out;
  }
  return left_out;
}

bool IgnoreRules::MayTakeBackIn(absl::string_view directory) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const IgnorePattern& pattern) {
                       return pattern.exception() && LiesIn(pattern.text(), directory);
                     }) ||
         std::any_of(taken_back_.begin(), taken_back_.end(),
                     [&](const std::string& path) { return LiesIn(path, directory); });
}

void IgnoreRules::TakeBack(absl::string_view path) { taken_back_.emplace_back(path); }

}  // namespace davit::build
