#include "common/config/print.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/spec/finding.h"
#include "common/spec/scalar.h"
#include "nlohmann/json.hpp"

namespace davit::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// JSON's strings are YAML's; the reader takes $$ for a dollar.
std::string Quote(const std::string& text) {
  return nlohmann::json(absl::StrReplaceAll(text, {{"$", "$$"}}))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string ListText(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::string text;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ",
                    Quote(reflection.GetRepeatedString(message, &field, i)));
  }
  return absl::StrCat("[", text, "]");
}

std::string ScalarText(const Message& message, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return Quote(message.GetReflection()->GetString(message, &field));
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, -1, &text);
  return text;
}

std::string OriginText(const std::string& path, const Layers& layers) {
  const auto found = layers.origins.find(path);
  if (found == layers.origins.end()) return "default";
  if (!found->second.place.empty()) return found->second.place;
  return absl::StrCat(layers.file, ":", found->second.line);
}

void Append(const Message& message, const std::string& parent, const std::string& indent,
            const Layers& layers, std::string& text) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string path = spec::PathOf(parent, field.name());
    absl::StrAppend(&text, indent, field.name(), ":");
    if (!spec::IsScalar(field)) {
      absl::StrAppend(&text, "\n");
      Append(message.GetReflection()->GetMessage(message, &field), path, indent + "  ", layers,
             text);
      continue;
    }
    const std::string value =
        field.is_repeated() ? ListText(message, field) : ScalarText(message, field);
    absl::StrAppend(&text, " ", value, "  # ", OriginText(path, layers), "\n");
  }
}

}  // namespace

std::string ToYaml(const Message& config, const Layers& layers) {
  std::string text;
  Append(config, "", "", layers, text);
  return text;
}

}  // namespace davit::config
