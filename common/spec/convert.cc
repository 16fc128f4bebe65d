#include "common/spec/convert.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"
#include "common/spec/yaml_reader.h"

namespace davit::spec {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Converter::Fill(const Node& node, const std::string& path, Message* out) {
  for (int i = 0; i < out->GetDescriptor()->field_count(); ++i) {
    FillField(node, *out->GetDescriptor()->field(i), path, out);
  }
}

void Converter::FillField(const Node& parent, const FieldDescriptor& field,
                          const std::string& parent_path, Message* out) {
  const std::string path = PathOf(parent_path, field.name());
  const Entry* entry = parent.Find(field.name());
  if (entry == nullptr || entry->value->is_null()) return Absent(field, path, out);
  SetPlace(path, entry->offset, entry->value->offset);
  Value(entry->value, field, path, out);
}

void Converter::Absent(const FieldDescriptor& field, const std::string& path, Message* out) {
  if (const NodePtr node = Default(field); node != nullptr) {
    const bool outer = std::exchange(in_default_, true);
    Value(node, field, path, out);
    in_default_ = outer;
  } else if (RulesOf(field).required()) {
    problems_.Add(places_.Of(ParentPath(path), /*at_key=*/true),
                  absl::StrCat("`", field.name(), "` is required"));
    places_.Break(path);
  }
}

void Converter::Value(const NodePtr& node, const FieldDescriptor& field, const std::string& path,
                      Message* out) {
  if (field.is_map()) {
    Map(*node, field, path, out);
  } else if (field.is_repeated()) {
    List(*node, field, path, out);
  } else if (IsScalar(field)) {
    Scalar(*node, field, path, out);
  } else {
    Nested(node, field, path, out);
  }
}

void Converter::Map(const Node& node, const FieldDescriptor& field, const std::string& path,
                    Message* out) {
  if (!node.is_map()) return places_.Break(path);
  const FieldDescriptor& value = *field.message_type()->map_value();
  for (const Entry& entry : node.entries) {
    if (entry.value->is_null()) continue;  // deleted
    const std::string entry_path = PathOf(path, entry.key);
    SetPlace(entry_path, entry.offset, entry.value->offset);
    Message* made = out->GetReflection()->AddMessage(out, &field);
    made->GetReflection()->SetString(made, field.message_type()->map_key(), entry.key);
    Value(entry.value, value, entry_path, made);
  }
}

void Converter::List(const Node& node, const FieldDescriptor& field, const std::string& path,
                     Message* out) {
  if (!node.is_list()) return places_.Break(path);
  for (size_t i = 0; i < node.items.size(); ++i) {
    const NodePtr& item = node.items[i];
    const std::string item_path = PathOf(path, static_cast<int>(i));
    SetPlace(item_path, item->offset, item->offset);
    if (IsScalar(field)) {
      Scalar(*item, field, item_path, out);
    } else {
      Nested(item, field, item_path, out);
    }
  }
}

void Converter::Scalar(const Node& node, const FieldDescriptor& field, const std::string& path,
                       Message* out) {
  const std::optional<std::string> text = !node.is_scalar() ? std::nullopt
                                          : in_default_     ? node.text
                                                            : variables_.Expand(node);
  const bool is_string = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (text.has_value() && text->empty() && !is_string && !in_default_) {
    return Absent(field, path, out);  // what ${NAME:-} leaves is no number
  }
  if (text.has_value() && SetScalar(*text, field, out)) return;
  places_.Break(path);
  if (text.has_value()) {
    // The text as it was written: the value of a variable may be a secret.
    problems_.Add(node.offset, absl::StrCat("`", field.name(), "` must be ", Expected(field),
                                            ", not ", Describe(node)));
  } else if (field.is_repeated()) {
    SetScalar("", field, out);  // keeps the places of the entries that follow
  }
}

void Converter::Nested(const NodePtr& node, const FieldDescriptor& field, const std::string& path,
                       Message* out) {
  const std::string& scalar_field = RulesOf(*field.message_type()).scalar_field();
  const bool stands_for = node->is_scalar() && !scalar_field.empty();
  if (!node->is_map() && !stands_for) {
    places_.Break(path);
    // An entry that cannot be read is there all the same.
    if (field.is_repeated()) out->GetReflection()->AddMessage(out, &field);
    return;
  }
  Message* made = field.is_repeated() ? out->GetReflection()->AddMessage(out, &field)
                                      : out->GetReflection()->MutableMessage(out, &field);
  if (stands_for) {
    Fill(*MapNode(node->offset, {{scalar_field, node->offset, node}}), path, made);
  } else {
    Fill(*node, path, made);
  }
}

void Converter::SetPlace(const std::string& path, Offset key, Offset value) {
  if (!in_default_) places_.Set(path, key, value);
}

NodePtr Converter::Default(const FieldDescriptor& field) {
  const auto [found, is_new] = defaults_.try_emplace(&field);
  const std::string& text = RulesOf(field).default_yaml();
  if (is_new && !text.empty()) {
    ProblemList none;  // a test reads every default of the schema
    found->second = ReadYaml(SourceText(text), none);
  }
  return found->second;
}

}  // namespace davit::spec
