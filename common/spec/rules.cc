#include "common/spec/rules.h"

#include <google/protobuf/message.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/spec/pattern.h"
#include "common/spec/problem_list.h"
#include "common/spec/suggest.h"
#include "davit/v1/spec.pb.h"
#include "google/protobuf/duration.pb.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsAbsent(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) == 0
                             : !reflection.HasField(message, &field);
}

// A number cannot tell absence from 0, which may be a good value; its range says enough.
bool ShowsAbsence(const FieldDescriptor& field) {
  return field.is_repeated() || field.has_presence() ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

void CheckRange(const FieldDescriptor& field, int64_t value, const std::string& path,
                const Report& report) {
  const v1::FieldRules& rules = RulesOf(field);
  if (!rules.has_range() || (value >= rules.min() && value <= rules.max())) return;
  report({path, absl::StrCat("`", field.name(), "` must be from ", rules.min(), " to ", rules.max(),
                             ", not ", value)});
}

void CheckValue(const Message& message, const FieldDescriptor& field, const std::string& path,
                const Report& report) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckRange(field, reflection.GetInt32(message, &field), path, report);
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckRange(field, reflection.GetInt64(message, &field), path, report);
    case FieldDescriptor::CPPTYPE_STRING:
      if (reflection.GetString(message, &field).empty()) return;
      return CheckText(field, reflection.GetString(message, &field), path, report);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (!reflection.HasField(message, &field) || IsDuration(field)) return;
      return CheckRules(reflection.GetMessage(message, &field), path, report);
    default:
      return;
  }
}

void CheckMap(const Message& message, const FieldDescriptor& field, const std::string& path,
              const Report& report) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& value = *field.message_type()->map_value();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    const std::string key =
        entry.GetReflection()->GetString(entry, field.message_type()->map_key());
    const std::string entry_path = PathOf(path, key);
    CheckKey(field, key, entry_path, report);
    if (value.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CheckRules(entry.GetReflection()->GetMessage(entry, &value), entry_path, report);
    } else if (value.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      CheckText(field, entry.GetReflection()->GetString(entry, &value), entry_path, report);
    }
  }
}

void CheckList(const Message& message, const FieldDescriptor& field, const std::string& path,
               const Report& report) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CheckRules(reflection.GetRepeatedMessage(message, &field, i), PathOf(path, i), report);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      CheckText(field, reflection.GetRepeatedString(message, &field, i), PathOf(path, i), report);
    }
  }
}

void CheckExclusive(const Message& message, const std::string& path, const Report& report) {
  const Descriptor& descriptor = *message.GetDescriptor();
  const auto& names = RulesOf(descriptor).at_most_one_of();
  std::vector<std::string> given;
  for (const std::string& name : names) {
    const FieldDescriptor* field = descriptor.FindFieldByName(name);
    if (field != nullptr && !IsAbsent(message, *field)) given.push_back(name);
  }
  if (given.size() < 2) return;
  report({PathOf(path, given.back()),
          absl::StrCat("only one of ", InWords({names.begin(), names.end()}, "and"),
                       " can be given, here are ", InWords(given, "and")),
          /*at_key=*/true});
}

// A field of that name has the names of secrets, and who does not know it writes the secret.
bool IsSecretsName(const FieldDescriptor& field) {
  return field.name() == "secret" && !RulesOf(field).pattern().empty();
}

void CheckSecretsName(const v1::FieldRules& rules, const std::string& text, const std::string& path,
                      const Report& report) {
  if (Matches(rules.pattern(), text)) return;
  report({path,
          absl::StrCat("`secret` wants the name of a secret, ", rules.pattern_says(),
                       "; its value is never in the file but set with `davit secrets set NAME`"),
          /*at_key=*/false, /*hides=*/true});
}

// Values that belong to the format, and that this version does not know: a word for them
// is kinder than a list without them.
bool IsOfLaterVersion(const FieldDescriptor& field, absl::string_view text) {
  if (field.containing_type() != v1::Strategy::descriptor() || field.name() != "type") return false;
  return text == "blue_green" || text == "blue-green" || text == "bluegreen";
}

}  // namespace

const v1::FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::rules);
}

const v1::MessageRules& RulesOf(const Descriptor& message) {
  return message.options().GetExtension(v1::message_rules);
}

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Duration::descriptor();
}

std::string InWords(const std::vector<std::string>& names, absl::string_view conjunction) {
  std::string result;
  for (size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    if (i > 0)
      absl::StrAppend(&result, last ? " " : ", ", last ? conjunction : "", last ? " " : "");
    absl::StrAppend(&result, "`", names[i], "`");
  }
  return result;
}

void CheckKey(const FieldDescriptor& field, const std::string& key, const std::string& path,
              const Report& report) {
  const v1::FieldRules& rules = RulesOf(field);
  if (rules.key_pattern().empty() || Matches(rules.key_pattern(), key)) return;
  report({path,
          absl::StrCat("the name ", Quoted(key), " in `", field.name(), "` must be ",
                       rules.key_pattern_says()),
          /*at_key=*/true});
}

void CheckText(const FieldDescriptor& field, const std::string& text, const std::string& path,
               const Report& report) {
  const v1::FieldRules& rules = RulesOf(field);
  if (IsSecretsName(field)) return CheckSecretsName(rules, text, path, report);
  const std::vector<std::string> choices(rules.one_of().begin(), rules.one_of().end());
  if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
    report({path, IsOfLaterVersion(field, text)
                      ? absl::StrCat(Quoted(text), " is not supported yet by this version: `",
                                     field.name(), "` must be ", InWords(choices, "or"))
                      : absl::StrCat("`", field.name(), "` must be ", InWords(choices, "or"),
                                     DidYouMean(text, choices))});
  }
  if (rules.pattern().empty() || Matches(rules.pattern(), text)) return;
  if (text.size() > kMaxMatched) {
    report({path, absl::StrCat("`", field.name(), "` is longer than ", kMaxMatched, " bytes")});
    return;
  }
  report({path, absl::StrCat("`", field.name(), "` must be ", rules.pattern_says())});
}

void CheckRules(const Message& message, const std::string& path, const Report& report) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string field_path = PathOf(path, field.name());
    const bool absent = IsAbsent(message, field);
    if (absent && RulesOf(field).required() && ShowsAbsence(field)) {
      report({field_path, absl::StrCat("`", field.name(), "` must not be empty")});
    } else if (field.is_map()) {
      CheckMap(message, field, field_path, report);
    } else if (field.is_repeated()) {
      CheckList(message, field, field_path, report);
    } else if (!absent || !field.has_presence()) {
      CheckValue(message, field, field_path, report);
    }
  }
  CheckExclusive(message, path, report);
}

}  // namespace davit::spec
