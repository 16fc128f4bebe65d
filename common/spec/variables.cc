#include "common/spec/variables.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::spec {
namespace {

constexpr size_t kMaxExpandedBytes = size_t{32} << 20;

bool IsName(absl::string_view text) {
  if (text.empty() || absl::ascii_isdigit(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// Where `what` stands in the source, at or after `from`. Escapes in a quoted
// text can hide it; then the beginning of the text has to do.
Offset PlaceOf(absl::string_view what, absl::string_view source, Offset from, Offset otherwise) {
  const size_t found = source.find(what, static_cast<size_t>(std::max(from, 0)));
  return found == absl::string_view::npos ? otherwise : static_cast<Offset>(found);
}

}  // namespace

std::optional<std::string> Variables::Value(absl::string_view expression, Offset offset) {
  const size_t end_of_name = expression.find(":-");
  const absl::string_view name = expression.substr(0, end_of_name);
  if (!IsName(name)) {
    problems_.Add(offset, "a variable is ${NAME} or ${NAME:-default}; a plain `${` is `$${`");
    return std::nullopt;
  }
  const std::optional<std::string> value = lookup_ ? lookup_(std::string(name)) : std::nullopt;
  if (end_of_name != absl::string_view::npos) {
    // As in a shell, an empty value counts as none.
    return value.has_value() && !value->empty() ? value
                                                : std::string(expression.substr(end_of_name + 2));
  }
  if (!value.has_value()) {
    problems_.Add(offset, absl::StrCat("the variable ", Quoted(name),
                                       " is not set; export it, or give it a default with ':-'; "
                                       "one for the container to expand is `$${…}`"));
  }
  return value;
}

std::optional<std::string> Variables::Expand(const Node& scalar) {
  absl::string_view rest = scalar.text;
  Offset place = scalar.offset;
  std::string result;
  bool good = true;
  for (size_t dollar; (dollar = rest.find('$')) != absl::string_view::npos;) {
    absl::StrAppend(&result, rest.substr(0, dollar));
    rest.remove_prefix(dollar);
    if (!absl::StartsWith(rest, "${")) {
      result.push_back('$');
      rest.remove_prefix(absl::StartsWith(rest, "$$") ? 2 : 1);
      continue;
    }
    const size_t close = rest.find('}');
    const absl::string_view whole = rest.substr(0, close);
    place = PlaceOf(whole, source_.text(), place, scalar.offset);
    if (close == absl::string_view::npos) {
      problems_.Add(place, "the `${` has no `}`; a plain `${` is `$${`");
      return std::nullopt;
    }
    const std::optional<std::string> value = Value(whole.substr(2), place);
    good = good && value.has_value();
    expanded_bytes_ += value.value_or("").size();
    if (expanded_bytes_ > kMaxExpandedBytes) {
      problems_.Add(scalar.offset, "the values of variables add up to more than 32 MiB");
      return std::nullopt;
    }
    absl::StrAppend(&result, value.value_or(""));
    rest.remove_prefix(close + 1);
    place += 1;
  }
  absl::StrAppend(&result, rest);
  return good ? std::optional(result) : std::nullopt;
}

}  // namespace davit::spec
