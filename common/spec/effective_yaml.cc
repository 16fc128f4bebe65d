#include "common/spec/effective_yaml.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/checks.h"
#include "common/spec/format.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"
#include "common/spec/scalar_text.h"

namespace davit::spec {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kCommentColumn = 48;
constexpr size_t kLongestOrigin = 500;
constexpr absl::string_view kStep = "  ";

// Keys that have been followed: what they bring stands in their place.
bool IsFollowed(const FieldDescriptor& field) {
  return field.containing_type() == v1::App::descriptor() &&
         (field.name() == "extends" || field.name() == "preset");
}

class EffectiveWriter {
 public:
  EffectiveWriter(const Origins& origins, absl::string_view file_name)
      : origins_(origins), file_name_(file_name) {}

  // `key: value  # origin`
  std::string Line(const std::string& indent, absl::string_view key, absl::string_view value,
                   const std::string& origin) const {
    std::string line = absl::StrCat(indent, key, ": ", value);
    if (line.size() < kCommentColumn) line.resize(kCommentColumn, ' ');
    return absl::StrCat(line, "  # ", Visible(origin, kLongestOrigin), "\n");
  }

  std::string Fields(const Message& message, const std::string& path,
                     const std::string& indent) const {
    std::string text;
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      absl::StrAppend(&text, Field(message, field, PathOf(path, field.name()), indent));
    }
    return text;
  }

  std::string Field(const Message& message, const FieldDescriptor& field, const std::string& path,
                    const std::string& indent) const {
    if (field.is_map()) return Map(message, field, path, indent);
    if (IsScalar(field)) return Scalar(message, field, path, indent);
    if (field.is_repeated()) return List(message, field, path, indent);
    if (!message.GetReflection()->HasField(message, &field)) return "";
    return Block(field.name(), message.GetReflection()->GetMessage(message, &field), path, indent);
  }

  std::string OriginOf(const std::string& path) const {
    const auto found = origins_.find(path);
    if (found == origins_.end()) return "default";
    const Origin& origin = found->second;
    if (origin.line == 0) return origin.place;
    return absl::StrCat(file_name_, ":", origin.line, origin.place.empty() ? "" : ", ",
                        origin.place);
  }

 private:
  bool IsGiven(const std::string& path) const { return origins_.contains(path); }

  // A message under its key.
  std::string Block(absl::string_view key, const Message& message, const std::string& path,
                    const std::string& indent) const {
    const std::string inner = Fields(message, path, absl::StrCat(indent, kStep));
    if (inner.empty()) return Line(indent, key, "{}", OriginOf(path));
    return absl::StrCat(indent, key, ":\n", inner);
  }

  std::string Scalar(const Message& message, const FieldDescriptor& field, const std::string& path,
                     const std::string& indent) const {
    const auto& reflection = *message.GetReflection();
    if (field.has_presence() && !reflection.HasField(message, &field)) return "";
    const bool is_list = field.is_repeated();
    const bool is_empty = is_list ? reflection.FieldSize(message, &field) == 0
                                  : field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                                        reflection.GetString(message, &field).empty();
    // A scalar that stands for the whole message has the message's place.
    const bool stands_for = RulesOf(*field.containing_type()).scalar_field() == field.name();
    const std::string given = stands_for && !IsGiven(path) ? std::string(ParentPath(path)) : path;
    if (is_empty && !IsGiven(given)) return "";
    const std::string key = absl::StrCat(IsFollowed(field) ? "# " : "", field.name());
    return Line(indent, key, ScalarText(message, field), OriginOf(given));
  }

  std::string List(const Message& message, const FieldDescriptor& field, const std::string& path,
                   const std::string& indent) const {
    const auto& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, &field);
    if (size == 0) return IsGiven(path) ? Line(indent, field.name(), "[]", OriginOf(path)) : "";
    std::string text = absl::StrCat(indent, field.name(), ":\n");
    const std::string inner = absl::StrCat(indent, kStep, kStep);
    for (int i = 0; i < size; ++i) {
      std::string item =
          Fields(reflection.GetRepeatedMessage(message, &field, i), PathOf(path, i), inner);
      if (item.empty()) item = absl::StrCat(inner, "{}\n");
      item[inner.size() - kStep.size()] = '-';
      absl::StrAppend(&text, item);
    }
    return text;
  }

  std::string Map(const Message& message, const FieldDescriptor& field, const std::string& path,
                  const std::string& indent) const {
    const auto& reflection = *message.GetReflection();
    const FieldDescriptor& key = *field.message_type()->map_key();
    std::map<std::string, const Message*> entries;  // in order, which the map itself has not
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      entries[entry.GetReflection()->GetString(entry, &key)] = &entry;
    }
    if (entries.empty()) {
      return IsGiven(path) ? Line(indent, field.name(), "{}", OriginOf(path)) : "";
    }
    std::string text = absl::StrCat(indent, field.name(), ":\n");
    for (const auto& [name, entry] : entries) {
      absl::StrAppend(&text, MapEntry(name, *entry, *field.message_type()->map_value(),
                                      PathOf(path, name), absl::StrCat(indent, kStep)));
    }
    return text;
  }

  std::string MapEntry(const std::string& name, const Message& entry, const FieldDescriptor& value,
                       const std::string& path, const std::string& indent) const {
    if (IsScalar(value)) {
      return Line(indent, YamlKey(name), ScalarText(entry, value), OriginOf(path));
    }
    return Block(YamlKey(name), entry.GetReflection()->GetMessage(entry, &value), path, indent);
  }

  const Origins& origins_;
  const absl::string_view file_name_;
};

// The defaults that no rule of a field can say.
v1::EnvironmentSpec WithImpliedNames(v1::EnvironmentSpec spec) {
  for (auto& [name, app] : *spec.mutable_apps()) {
    std::string& container = *app.mutable_container()->mutable_name();
    if (container.empty()) container = absl::StrCat(spec.project(), "-", name);
  }
  return spec;
}

}  // namespace

std::string EffectiveYaml(const v1::EnvironmentSpec& given, const Origins& origins,
                          absl::string_view file_name) {
  const v1::EnvironmentSpec spec = WithImpliedNames(given);
  const EffectiveWriter writer(origins, file_name);
  std::string text =
      writer.Line("", "project", YamlText(spec.project()), writer.OriginOf("project"));
  for (const char* key : {"registries", "databases", "apps"}) {
    const auto& field = *v1::EnvironmentSpec::descriptor()->FindFieldByName(key);
    absl::StrAppend(&text, writer.Field(spec, field, key, ""));
  }
  const auto& hosts = *v1::EnvironmentSpec::descriptor()->FindFieldByName("hosts");
  absl::StrAppend(&text, "environments:\n", kStep, YamlKey(spec.environment()), ":\n",
                  writer.Field(spec, hosts, "hosts", absl::StrCat(kStep, kStep)));
  return text;
}

}  // namespace davit::spec
