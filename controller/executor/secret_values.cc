#include "controller/executor/secret_values.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/failure/failure.h"
#include "common/secret/secret_key.h"

namespace davit::executor {
namespace {

using worker::v1::SecretUse;

}  // namespace

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
