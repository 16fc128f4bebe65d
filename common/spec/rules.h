#ifndef DAVIT_COMMON_SPEC_RULES_H_
#define DAVIT_COMMON_SPEC_RULES_H_

#include <google/protobuf/descriptor.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/finding.h"
#include "davit/v1/rules.pb.h"

namespace davit::spec {

const v1::FieldRules& RulesOf(const google::protobuf::FieldDescriptor& field);
const v1::MessageRules& RulesOf(const google::protobuf::Descriptor& message);

bool IsDuration(const google::protobuf::FieldDescriptor& field);

// "`http`, `tcp` and `exec`"
std::string InWords(const std::vector<std::string>& names, absl::string_view conjunction);

// Reports what the message and all within it break: required, range, pattern,
// one_of, key_pattern, at_most_one_of. Absent values break only `required`.
// `path` is that of the message; empty: the top.
void CheckRules(const google::protobuf::Message& message, const std::string& path,
                const Report& report);

// A map's key against the field's key_pattern.
void CheckKey(const google::protobuf::FieldDescriptor& field, const std::string& key,
              const std::string& path, const Report& report);

// A text against the field's pattern and one_of.
void CheckText(const google::protobuf::FieldDescriptor& field, const std::string& text,
               const std::string& path, const Report& report);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_RULES_H_
