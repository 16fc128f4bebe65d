#include "common/schema/json_schema.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/schema/comments.h"
#include "common/schema/scalar_schema.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"
#include "nlohmann/json.hpp"

namespace davit::schema {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

class Generator {
 public:
  Json Schema(const Descriptor& top, const std::string& title) {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
    // Nothing is merged into the file as a whole, or into an entry of a list, so that what is
    // required must stand there.
    schema.update(Mapping(top, /*complete=*/true));
    // Making one definition can ask for others.
    while (!wanted_.empty()) {
      const Definition next = wanted_.back();
      wanted_.pop_back();
      schema["$defs"][NameOf(next)] = Make(next);
    }
    return schema;
  }

 private:
  struct Definition {
    const Descriptor* message;
    bool complete;
  };

  static std::string NameOf(const Definition& definition) {
    return definition.message->name() + (definition.complete ? "Entry" : "");
  }

  Json Make(const Definition& definition) {
    const Descriptor& message = *definition.message;
    const std::string& scalar = spec::RulesOf(message).scalar_field();
    Json mapping = Mapping(message, definition.complete);
    if (scalar.empty()) return definition.complete ? mapping : OrNull(std::move(mapping));
    Json single = ScalarSchema(*message.FindFieldByName(scalar));
    // Not anyOf, as for which validators do not say what is wrong within the mapping.
    return {{"if", {{"type", "object"}}},
            {"then", std::move(mapping)},
            {"else", definition.complete ? single : OrNull(std::move(single))}};
  }

  Json Mapping(const Descriptor& message, bool complete) {
    Json schema = {{"type", "object"}};
    if (const std::string comment = CommentOf(message); !comment.empty()) {
      schema["description"] = comment;
    }
    schema["properties"] = Json::object();
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const bool required = complete && spec::RulesOf(field).required();
      if (required) schema["required"].push_back(field.name());
      schema["properties"][field.name()] = Property(field, required);
    }
    schema["patternProperties"] = {{"^x-", Json::object()}};
    schema["additionalProperties"] = false;
    AddExclusions(message, schema);
    return schema;
  }

  Json Property(const FieldDescriptor& field, bool required) {
    Json schema;
    if (const std::string comment = CommentOf(field); !comment.empty()) {
      schema["description"] = comment;
    }
    if (Json value = DefaultOf(field); !value.is_null()) schema["default"] = std::move(value);
    Json value = Value(field, required);
    schema.update(required ? value : OrNull(std::move(value)));
    return schema;
  }

  Json Value(const FieldDescriptor& field, bool required) {
    Json schema;
    if (field.is_map()) {
      const FieldDescriptor& value = *field.message_type()->map_value();
      // What a text in the map must be, the map's own rules say.
      Json single =
          spec::IsScalar(value) ? ScalarSchema(value, spec::RulesOf(field)) : Single(value, false);
      schema = {{"type", "object"}};
      if (spec::RulesOf(field).list_of_keys()) {
        schema["type"] = {"object", "array"};
        schema["items"] = single;
        schema["uniqueItems"] = true;
      }
      schema["additionalProperties"] = OrNull(std::move(single));
      const std::string& pattern = spec::RulesOf(field).key_pattern();
      if (!pattern.empty()) {
        schema["propertyNames"] = {{"pattern", absl::StrCat("^(", pattern, ")$")}};
      }
      if (required) schema["minProperties"] = 1;
    } else if (field.is_repeated()) {
      schema = {{"type", "array"}, {"items", Single(field, /*complete=*/true)}};
      if (required) schema["minItems"] = 1;
    } else {
      schema = Single(field, false);
      if (required) schema["minLength"] = 1;
    }
    return schema;
  }

  Json Single(const FieldDescriptor& field, bool complete) {
    if (spec::IsScalar(field)) return ScalarSchema(field);
    const Definition definition{field.message_type(), complete};
    const std::string name = NameOf(definition);
    if (known_.insert(name).second) wanted_.push_back(definition);
    return {{"$ref", absl::StrCat("#/$defs/", name)}};
  }

  // A definition that is referred to says itself whether it may be null.
  static Json OrNull(Json schema) {
    if (schema.contains("anyOf")) {
      schema["anyOf"].push_back({{"type", "null"}});
    } else if (schema.contains("type")) {
      Json& type = schema["type"];
      if (type.is_string()) type = Json::array({type});
      type.push_back("null");
    }
    return schema;
  }

  // Two at a time, as a null takes its key away.
  static void AddExclusions(const Descriptor& message, Json& schema) {
    const auto& names = spec::RulesOf(message).at_most_one_of();
    const Json given = {{"not", {{"type", "null"}}}};
    for (int i = 0; i < names.size(); ++i) {
      for (int j = i + 1; j < names.size(); ++j) {
        schema["allOf"].push_back({{"not",
                                    {{"required", {names[i], names[j]}},
                                     {"properties", {{names[i], given}, {names[j], given}}}}}});
      }
    }
  }

  std::set<std::string> known_;
  std::vector<Definition> wanted_;
};

}  // namespace

std::string JsonSchemaOf(const Descriptor& message, const std::string& title) {
  return Generator().Schema(message, title).dump(2) + "\n";
}

}  // namespace davit::schema
