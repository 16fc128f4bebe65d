#ifndef DAVIT_COMMON_SCHEMA_SCALAR_SCHEMA_H_
#define DAVIT_COMMON_SCHEMA_SCALAR_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include "davit/v1/rules.pb.h"
#include "nlohmann/json.hpp"

namespace davit::schema {

// What a scalar, or an entry of a list of scalars, may look like: the loader takes
// any scalar's text, so a number may be in quotes, a text without, and a text with
// a variable may be anything.
nlohmann::ordered_json ScalarSchema(const google::protobuf::FieldDescriptor& field);
// The same of a map's value, whose rules are the map's.
nlohmann::ordered_json ScalarSchema(const google::protobuf::FieldDescriptor& field,
                                    const v1::FieldRules& rules);

// The field's default as JSON; null: it has none that is worth showing.
nlohmann::ordered_json DefaultOf(const google::protobuf::FieldDescriptor& field);

}  // namespace davit::schema

#endif  // DAVIT_COMMON_SCHEMA_SCALAR_SCHEMA_H_
