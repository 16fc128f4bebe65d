#include "controller/core/comparison/flatten.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/core/proto_time.h"
#include "google/protobuf/text_format.h"

namespace davit::core {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string ShowValue(const Message& message, const FieldDescriptor* field, int index) {
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    return index < 0 ? reflection.GetString(message, field)
                     : reflection.GetRepeatedString(message, field, index);
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, field, index, &text);
  return text;
}

std::string ShowItems(const Message& message, const FieldDescriptor* field) {
  std::string text;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", ShowValue(message, field, i));
  }
  return text;
}

void AddFields(const Message& message, const std::string& prefix,
               std::map<std::string, std::string>& flat) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (field->is_repeated()) {
      flat[path] = ShowItems(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      flat[path] = ShowValue(message, field, -1);
    } else if (const Message& part = message.GetReflection()->GetMessage(message, field);
               part.GetDescriptor() == google::protobuf::Duration::descriptor()) {
      flat[path] =
          absl::FormatDuration(FromProto(dynamic_cast<const google::protobuf::Duration&>(part)));
    } else {
      const size_t before = flat.size();
      AddFields(part, absl::StrCat(path, "."), flat);
      if (flat.size() == before) flat[path] = "{}";
    }
  }
}

}  // namespace

std::map<std::string, std::string> Flatten(const Message& message) {
  std::map<std::string, std::string> flat;
  AddFields(message, "", flat);
  return flat;
}

}  // namespace davit::core
