#include "common/spec/scalar.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/spec/rules.h"
#include "google/protobuf/duration.pb.h"

namespace davit::spec {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::Duration kLongest = absl::Hours(24 * 366 * 100);

struct Unit {
  absl::string_view name;
  double bytes;
};
constexpr Unit kUnits[] = {{"", 1},          {"B", 1},          {"kB", 1e3},      {"MB", 1e6},
                           {"GB", 1e9},      {"TB", 1e12},      {"KiB", 1 << 10}, {"MiB", 1 << 20},
                           {"GiB", 1 << 30}, {"TiB", 1LL << 40}};

// The standard forms only: no blanks, hexadecimals, "inf" or "nan".
bool LooksNumeric(absl::string_view text, absl::string_view also) {
  for (char c : text) {
    if (!absl::ascii_isdigit(c) && !absl::StrContains(also, c)) return false;
  }
  return !text.empty();
}

template <typename Integer>
std::optional<Integer> ParseInteger(absl::string_view text) {
  Integer value = 0;
  if (!LooksNumeric(text, "+-") || !absl::SimpleAtoi(text, &value)) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseInt64(absl::string_view text, const FieldDescriptor& field) {
  return RulesOf(field).size() ? ParseSize(text) : ParseInteger<int64_t>(text);
}

std::optional<double> ParseNumber(absl::string_view text) {
  double value = 0;
  if (!LooksNumeric(text, "+-.eE") || !absl::SimpleAtod(text, &value)) return std::nullopt;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<bool> ParseBool(absl::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

void SetString(absl::string_view text, const FieldDescriptor& field, Message* out) {
  const Reflection& reflection = *out->GetReflection();
  if (field.is_repeated()) {
    reflection.AddString(out, &field, std::string(text));
  } else {
    reflection.SetString(out, &field, std::string(text));
  }
}

bool SetDuration(absl::string_view text, const FieldDescriptor& field, Message* out) {
  const std::optional<absl::Duration> value = ParseDuration(text);
  if (!value.has_value()) return false;
  google::protobuf::Duration duration;
  absl::Duration rest;
  duration.set_seconds(absl::IDivDuration(*value, absl::Seconds(1), &rest));
  duration.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  out->GetReflection()->MutableMessage(out, &field)->CopyFrom(duration);
  return true;
}

std::string ExpectedMapping(const google::protobuf::Descriptor& message) {
  std::vector<std::string> required;
  for (int i = 0; i < message.field_count(); ++i) {
    if (RulesOf(*message.field(i)).required()) required.push_back(message.field(i)->name());
  }
  return required.empty() ? "a mapping" : absl::StrCat("a mapping with ", InWords(required, "and"));
}

}  // namespace

std::optional<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration value;
  if (!LooksNumeric(text, "+-.hmsnu") || !absl::ParseDuration(text, &value)) return std::nullopt;
  if (value > kLongest || value < -kLongest) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseSize(absl::string_view text) {
  const size_t end = text.find_first_not_of("+-.0123456789");
  const absl::string_view number = text.substr(0, end);
  const absl::string_view unit =
      end == absl::string_view::npos ? absl::string_view() : text.substr(end);
  if (unit.empty()) return ParseInteger<int64_t>(number);
  const std::optional<double> value = ParseNumber(number);
  if (!value.has_value()) return std::nullopt;
  for (const Unit& known : kUnits) {
    if (unit != known.name) continue;
    const double bytes = *value * known.bytes;
    // 2^63 is the first double that does not fit.
    if (std::abs(bytes) >= 9223372036854775808.0) return std::nullopt;
    return static_cast<int64_t>(bytes);
  }
  return std::nullopt;
}

std::string Expected(const FieldDescriptor& field) {
  if (IsDuration(field)) return "a duration such as 500ms, 10s, 2m or 1h30m";
  if (RulesOf(field).size()) return "a size such as 512MiB, 1GiB or 100kB";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "a whole number";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "a number";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ExpectedMapping(*field.message_type());
    default:
      return "a text";
  }
}

bool IsScalar(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsDuration(field);
}

bool SetScalar(absl::string_view text, const FieldDescriptor& field, Message* out) {
  const Reflection& reflection = *out->GetReflection();
  const auto set = [&](auto setter, const auto& value) {
    if (value.has_value()) (reflection.*setter)(out, &field, *value);
    return value.has_value();
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::SetBool, ParseBool(text));
    case FieldDescriptor::CPPTYPE_INT32:
      return set(&Reflection::SetInt32, ParseInteger<int32_t>(text));
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&Reflection::SetInt64, ParseInt64(text, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(&Reflection::SetDouble, ParseNumber(text));
    case FieldDescriptor::CPPTYPE_STRING:
      SetString(text, field, out);
      return true;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetDuration(text, field, out);
    default:
      return false;
  }
}

}  // namespace davit::spec
