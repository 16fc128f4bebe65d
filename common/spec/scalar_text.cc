#include "common/spec/scalar_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/spec/rules.h"
#include "google/protobuf/duration.pb.h"

namespace davit::spec {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What YAML takes for itself, also within [] and {}, and other readers than ours for a
// truth value.
bool IsPlain(absl::string_view text) {
  if (text.empty() || !(absl::ascii_isalpha(text.front()) || text.front() == '/')) return false;
  for (const absl::string_view word :
       {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (absl::EqualsIgnoreCase(text, word)) return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("/._+-", c);
  });
}

// JSON's strings are YAML's, but for a character that JSON leaves bare.
std::string QuotedText(absl::string_view text) {
  return absl::StrReplaceAll(nlohmann::json(std::string(text))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                             {{"\x7f", "\\u007f"}});
}

std::string SizeText(int64_t bytes) {
  struct Unit {
    absl::string_view name;
    int64_t bytes;
  };
  for (const Unit& unit : {Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10}}) {
    if (bytes != 0 && bytes % unit.bytes == 0) return absl::StrCat(bytes / unit.bytes, unit.name);
  }
  return absl::StrCat(bytes);
}

std::string DurationText(const Message& value) {
  google::protobuf::Duration duration;
  duration.CopyFrom(value);
  const absl::Duration length =
      absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  return length == absl::ZeroDuration() ? "0s" : absl::FormatDuration(length);
}

std::string ListText(const Message& message, const FieldDescriptor& field) {
  std::vector<std::string> items;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    items.push_back(YamlText(message.GetReflection()->GetRepeatedString(message, &field, i)));
  }
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

}  // namespace

std::string YamlKey(absl::string_view text) {
  return IsPlain(text) ? std::string(text) : QuotedText(text);
}

std::string YamlText(absl::string_view text) {
  return IsPlain(text) ? std::string(text) : QuotedText(absl::StrReplaceAll(text, {{"$", "$$"}}));
}

std::string ScalarText(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return ListText(message, field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64: {
      const int64_t value = reflection.GetInt64(message, &field);
      return RulesOf(field).size() ? SizeText(value) : absl::StrCat(value);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const std::string number = nlohmann::json(reflection.GetDouble(message, &field)).dump();
      return std::string(absl::StripSuffix(number, ".0"));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return DurationText(reflection.GetMessage(message, &field));
    default:
      return YamlText(reflection.GetString(message, &field));
  }
}

}  // namespace davit::spec
