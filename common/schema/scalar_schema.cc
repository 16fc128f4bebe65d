#include "common/schema/scalar_schema.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/spec/rules.h"
#include "common/spec/yaml_reader.h"

namespace davit::schema {
namespace {

using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

// A text with a variable is checked when its value is known.
constexpr char kVariable[] = R"(\$\{)";
constexpr char kInteger[] = "[+-]?[0-9]+";
constexpr char kNumber[] = "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?";
constexpr char kSize[] = "[+-]?[0-9]+(\\.[0-9]*)?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?";
constexpr char kDuration[] = "[+-]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+)";
constexpr char kBool[] = "true|True|TRUE|false|False|FALSE";

// What common/spec/port.h reads, and the field that it reads it from.
constexpr char kPorts[] = "davit.v1.Container.ports";
constexpr char kHostIp[] = R"((\[[0-9A-Fa-f:.]+\]|[0-9.]+):)";
constexpr char kPort[] =
    "0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

// All of the text, or a variable in it. Empty counts as absent.
std::string Whole(const std::string& pattern) {
  return absl::StrCat("^(", pattern, ")?$|", kVariable);
}

Json Text(const std::string& pattern) { return {{"type", "string"}, {"pattern", Whole(pattern)}}; }

// As one mapping and not as anyOf, of which validators only say that nothing fits. What
// either says is about its own type.
Json Either(Json first, const Json& second) {
  first["type"] = Json::array({first["type"], second["type"]});
  for (const auto& [key, value] : second.items()) {
    if (key != "type") first[key] = value;
  }
  return first;
}

Json Integer(const v1::FieldRules& rules) {
  Json schema = {{"type", "integer"}};
  if (rules.has_range()) {
    schema["minimum"] = rules.min();
    schema["maximum"] = rules.max();
  }
  return schema;
}

Json String(const v1::FieldRules& rules) {
  if (rules.one_of_size() > 0) {
    Json choices = {{"enum", Json::array()}};
    for (const std::string& choice : rules.one_of()) choices["enum"].push_back(choice);
    // Editors offer what an enum has.
    const Json variable = {{"type", "string"}, {"pattern", absl::StrCat("^$|", kVariable)}};
    return {{"anyOf", Json::array({std::move(choices), variable})}};
  }
  Json schema = {{"type", {"string", "number", "boolean"}}};
  if (!rules.pattern().empty()) schema["pattern"] = Whole(rules.pattern());
  return schema;
}

Json Port() { return Text(absl::StrCat("(", kHostIp, ")?", kPort, ":", kPort, "(/(tcp|udp))?")); }

Json ToJson(const spec::Node& node, const FieldDescriptor& field) {
  if (node.is_list()) {
    Json items = Json::array();
    for (const spec::NodePtr& item : node.items) items.push_back(ToJson(*item, field));
    return items;
  }
  int64_t number = 0;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return node.text == "true";
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return node.text;
  return absl::SimpleAtoi(node.text, &number) ? Json(number) : Json(node.text);
}

}  // namespace

Json ScalarSchema(const FieldDescriptor& field) {
  return ScalarSchema(field, spec::RulesOf(field));
}

Json ScalarSchema(const FieldDescriptor& field, const v1::FieldRules& rules) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Either({{"type", "boolean"}}, Text(kBool));
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return Either(Integer(rules), Text(rules.size() ? kSize : kInteger));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Either({{"type", "number"}}, Text(kNumber));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Either({{"type", "integer"}, {"minimum", 0}, {"maximum", 0}}, Text(kDuration));
    default:
      if (field.full_name() == kPorts) return Port();
      return String(rules);
  }
}

Json DefaultOf(const FieldDescriptor& field) {
  const std::string& text = spec::RulesOf(field).default_yaml();
  if (text.empty()) return nullptr;
  spec::ProblemList none;
  const spec::NodePtr node = spec::ReadYaml(spec::SourceText(text), none);
  return node == nullptr || node->is_map() ? Json(nullptr) : ToJson(*node, field);
}

}  // namespace davit::schema
