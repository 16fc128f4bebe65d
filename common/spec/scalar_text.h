#ifndef DAVIT_COMMON_SPEC_SCALAR_TEXT_H_
#define DAVIT_COMMON_SPEC_SCALAR_TEXT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/strings/string_view.h"

namespace davit::spec {

// YAML for a text, in quotes where it needs them. A value's dollars are doubled, as the
// loader takes ${…} in values for variables; a key has none.
std::string YamlText(absl::string_view text);
std::string YamlKey(absl::string_view text);

// YAML that SetScalar() reads to the field's value: "512MiB", "1m30s", "[a, b]". The field
// is scalar, and neither absent nor a map.
std::string ScalarText(const google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_SCALAR_TEXT_H_
