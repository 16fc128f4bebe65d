#include "worker/database/catalogue/type_widening.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace davit::database {
namespace {

// The numbers of "name(1,2)"; false for another type or one without.
bool ModifiersOf(absl::string_view type, absl::string_view name, std::vector<int>& numbers) {
  if (!absl::ConsumePrefix(&type, name) || !absl::ConsumePrefix(&type, "(") ||
      !absl::ConsumeSuffix(&type, ")")) {
    return false;
  }
  for (const absl::string_view part : absl::StrSplit(type, ',')) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number)) return false;
    numbers.push_back(number);
  }
  return true;
}

// The words that are called as functions, in lower case.
std::vector<std::string> CalledNames(absl::string_view text) {
  std::vector<std::string> names;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '(') continue;
    size_t begin = at;
    while (begin > 0 && (absl::ascii_isalnum(static_cast<unsigned char>(text[begin - 1])) ||
                         absl::StrContains("_.\"", text.substr(begin - 1, 1)))) {
      --begin;
    }
    if (begin < at) names.push_back(absl::AsciiStrToLower(text.substr(begin, at - begin)));
  }
  return names;
}

bool CallsOnly(absl::string_view text, const std::vector<absl::string_view>& allowed) {
  for (const std::string& name : CalledNames(text)) {
    bool known = false;
    for (const absl::string_view one : allowed) known = known || name == one;
    if (!known) return false;
  }
  return true;
}

}  // namespace

bool IsWidening(absl::string_view before, absl::string_view after) {
  std::vector<int> old;
  std::vector<int> now;
  if (ModifiersOf(before, "character varying", old)) {
    if (after == "text" || after == "character varying") return true;
    return ModifiersOf(after, "character varying", now) && now[0] >= old[0];
  }
  if (before == "character varying") return after == "text";
  if (!ModifiersOf(before, "numeric", old) || !ModifiersOf(after, "numeric", now)) return false;
  return old.size() == 2 && now.size() == 2 && old[1] == now[1] && now[0] >= old[0];
}

bool IsWiderInteger(absl::string_view before, absl::string_view after) {
  constexpr absl::string_view kWidths[] = {"smallint", "integer", "bigint"};
  const auto old = std::find(std::begin(kWidths), std::end(kWidths), before);
  return old != std::end(kWidths) &&
         std::find(old + 1, std::end(kWidths), after) != std::end(kWidths);
}

bool AddsEnumValuesOnly(absl::string_view before, absl::string_view after) {
  const std::vector<absl::string_view> old = absl::StrSplit(before, '\n', absl::SkipEmpty());
  size_t found = 0;
  for (const absl::string_view value : absl::StrSplit(after, '\n')) {
    if (found < old.size() && old[found] == value) ++found;
  }
  return found == old.size();
}

bool PassesNulls(absl::string_view check_definition) {
  for (const absl::string_view word : {"NULL", "COALESCE", "DISTINCT", "CASE", "IS "}) {
    if (absl::StrContains(absl::AsciiStrToUpper(check_definition), word)) return false;
  }
  // "varchar(20)" in a cast is no call that minds NULLs either.
  return CallsOnly(check_definition, {"check", "and", "or", "not", "any", "varying", "numeric"});
}

bool NeverFails(absl::string_view index_definition) {
  for (const absl::string_view sign : {"::", "/", "->", "||", "*", " - ", " + "}) {
    if (absl::StrContains(index_definition, sign) &&
        !(sign == "::" && absl::StrContains(index_definition, "::text"))) {
      return false;
    }
  }
  return CallsOnly(index_definition,
                   {"lower", "upper", "where", "and", "or", "not", "include", "btree", "with"});
}

bool NeverFailsAsGenerated(absl::string_view expression) {
  const std::string without_text = absl::StrReplaceAll(expression, {{"::text", ""}});
  for (const absl::string_view sign : {"::", "/", "->", "*", "%", "^", " - ", " + "}) {
    if (absl::StrContains(without_text, sign)) return false;
  }
  return CallsOnly(without_text,
                   {"lower", "upper", "length", "char_length", "coalesce", "btrim", "ltrim",
                    "rtrim", "and", "or", "not", "as", "when", "then", "else"});
}

}  // namespace davit::database
