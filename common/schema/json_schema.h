#ifndef DAVIT_COMMON_SCHEMA_JSON_SCHEMA_H_
#define DAVIT_COMMON_SCHEMA_JSON_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace davit::schema {

// The JSON Schema (2020-12) of the YAML file whose top is `message`, for editors:
// keys, types, choices, patterns and ranges as the rules have them, comments as
// descriptions. It lets everything pass that the loader takes, with three exceptions:
// two keys that exclude each other in one mapping and a deleted entry with a bad
// name, which only a merge could heal; and a port such as 22:22 without quotes, which
// YAML 1.1 has for a number. The loader knows more than it can say.
std::string JsonSchemaOf(const google::protobuf::Descriptor& message, const std::string& title);

}  // namespace davit::schema

#endif  // DAVIT_COMMON_SCHEMA_JSON_SCHEMA_H_
