#include "controller/executor/secret_values.h"

#include <set>
#include <utility>
#include <vector>

#include "common/failure/failure.h"
#include "common/secret/secret_key.h"

namespace davit::executor {
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

absl::Status FillSecrets(SecretSource& source, absl::Span<const SecretUse> masked,
                         worker::v1::RunStepRequest& request) {
  std::map<std::string, SecretUse> uses = SecretsOf(request.spec());
  std::set<std::string> needed;
  if (!request.spec().has_put_back()) {
    for (const auto& [key, use] : uses) needed.insert(key);
  }
  for (const SecretUse& use : masked) uses.emplace(SecretKey(use), use);
  std::map<std::string, std::string> values;
  for (const auto& [key, use] : uses) {
    auto value = source.Value(request.key().project(), use);
    if (value.ok()) {
      values.emplace(key, *std::move(value));
    } else if (needed.count(key) > 0 || !IsFailure(value.status(), v1::SECRET_MISSING)) {
      return value.status();
    }
  }
  for (auto& [key, value] : values) (*request.mutable_secrets())[key] = std::move(value);
  return absl::OkStatus();
}

}  // namespace davit::executor
