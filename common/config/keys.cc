#include "common/config/keys.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/spec/finding.h"
#include "common/spec/scalar.h"

namespace davit::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

void Collect(const Descriptor& message, const std::string& parent, absl::string_view prefix,
             std::vector<Key>& keys) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string path = spec::PathOf(parent, field.name());
    if (!spec::IsScalar(field)) {
      Collect(*field.message_type(), path, prefix, keys);
      continue;
    }
    const std::string variable = absl::StrReplaceAll(path, {{".", "_"}});
    keys.push_back({.path = path,
                    .flag = absl::StrCat("--", absl::StrReplaceAll(variable, {{"_", "-"}})),
                    .variable = absl::StrCat(prefix, absl::AsciiStrToUpper(variable)),
                    .field = &field});
  }
}

}  // namespace

std::vector<Key> KeysOf(const Descriptor& config, absl::string_view prefix) {
  std::vector<Key> keys;
  Collect(config, "", prefix, keys);
  return keys;
}

}  // namespace davit::config
