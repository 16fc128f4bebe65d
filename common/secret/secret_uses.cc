#include "common/secret/secret_uses.h"

#include <vector>

#include "common/secret/secret_key.h"

namespace davit {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using worker::v1::SecretUse;

// Steps of a new kind, and new fields, are found as well: nobody has to think of it.
void CollectSecrets(const Message& message, std::map<std::string, SecretUse>& found) {
  if (message.GetDescriptor() == SecretUse::descriptor()) {
    const auto& use = dynamic_cast<const SecretUse&>(message);
    found.emplace(SecretKey(use), use);
    return;
  }
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      CollectSecrets(reflection.GetMessage(message, field), found);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      CollectSecrets(reflection.GetRepeatedMessage(message, field, i), found);
    }
  }
}

}  // namespace

std::map<std::string, SecretUse> SecretsOf(const Message& message) {
  std::map<std::string, SecretUse> found;
  CollectSecrets(message, found);
  return found;
}

}  // namespace davit
