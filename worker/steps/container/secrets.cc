#include "worker/steps/container/secrets.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/secret/secret_uses.h"

namespace davit::steps {

void LabelSecrets(const worker::v1::ContainerSpec& spec, worker::v1::ContainerSpec& made) {
  const auto uses = SecretsOf(spec);
  if (uses.empty()) return;
  (*made.mutable_labels())[kSecretsLabel] =
      absl::StrJoin(uses, ",", [](std::string* out, const auto& use) { out->append(use.first); });
}

std::vector<std::string> SecretsOfContainer(const worker::v1::ObservedContainer& container) {
  const auto label = container.labels().find(kSecretsLabel);
  if (label == container.labels().end()) return {};
  return absl::StrSplit(label->second, ',', absl::SkipEmpty());
}

}  // namespace davit::steps
