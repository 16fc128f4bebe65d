// There is no standard of dotenv files. What is written here is what these two
// readers take for the same:
//
//                     python-dotenv                  django-environ
//   NAME=text         as it is, up to a " #",        as it is
//                     without blanks at both ends
//   NAME='text'       \\ and \' are unescaped        as it is; then as below, when
//                                                    "…" is in the quotes
//   NAME="text"       \\ \' \" \n \t… are unescaped  a backslash goes, what it
//                                                    is before stays
//   a line break      may be in quotes               ends the value
//   ${NAME}           replaced, also in quotes       stays
//
// So single quotes go around what has neither them nor backslashes, double quotes
// around the rest. python-dotenv takes \" for a quote that does not close also when
// the backslash is an escaped one itself; so what ends with a backslash is not quoted.
#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/env_file/line_formats.h"

namespace davit {
namespace {

// All that Python's str.splitlines takes for the end of a line.
bool HasLineEnd(absl::string_view value) {
  if (value.find_first_of("\n\r\v\f\x1c\x1d\x1e") != value.npos) return true;
  return absl::StrContains(value, "\xc2\x85") || absl::StrContains(value, "\xe2\x80\xa8") ||
         absl::StrContains(value, "\xe2\x80\xa9");
}

bool HasReference(absl::string_view value) {
  const size_t begin = value.find("${");
  return begin != value.npos && value.find('}', begin) != value.npos;
}

bool IsPlain(absl::string_view value) {
  return std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("_./:@%+,=-", static_cast<char>(c));
  });
}

bool FitsSingleQuotes(absl::string_view value) {
  return value.find_first_of("'\\") == value.npos &&
         !(absl::StartsWith(value, "\"") && absl::EndsWith(value, "\""));
}

// Whether nothing of it is taken for a quote, a comment, or blanks to be removed.
bool FitsWithoutQuotes(absl::string_view value) {
  return absl::ascii_isgraph(static_cast<unsigned char>(value.front())) &&
         value.find_first_of("'\"") != 0 && !absl::StrContains(value, '#');
}

}  // namespace

EnvLine DotenvLine(absl::string_view name, absl::string_view value) {
  if (HasLineEnd(value)) return {.refusal = "has a line break"};
  if (HasReference(value)) return {.refusal = "has ${…}, which readers would replace"};
  if (IsPlain(value)) return {.text = absl::StrCat(name, "=", value)};
  if (absl::EndsWith(value, "\\")) {
    if (FitsWithoutQuotes(value)) return {.text = absl::StrCat(name, "=", value)};
    return {.refusal = "ends with a backslash and would have to be quoted"};
  }
  if (FitsSingleQuotes(value)) return {.text = absl::StrCat(name, "='", value, "'")};
  const std::string escaped = absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}});
  return {.text = absl::StrCat(name, "=\"", escaped, "\"")};
}

}  // namespace davit
