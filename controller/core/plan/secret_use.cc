#include "controller/core/plan/secret_use.h"

#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::core {
namespace {

std::optional<worker::v1::RegistryLogin> LoginOf(const state::v1::DeploymentRecord& record,
                                                 const v1::Registry& registry) {
  const worker::v1::SecretUse* password = FindSecret(record, registry.password().secret());
  if (password == nullptr) return std::nullopt;
  worker::v1::RegistryLogin login;
  login.set_server(registry.server());
  *login.mutable_password() = *password;
  if (registry.username().secret().empty()) {
    login.set_username(registry.username().value());
    return login;
  }
  const worker::v1::SecretUse* user = FindSecret(record, registry.username().secret());
  if (user == nullptr) return std::nullopt;
  *login.mutable_username_secret() = *user;
  return login;
}

}  // namespace

const worker::v1::SecretUse* FindSecret(const state::v1::DeploymentRecord& record,
                                        const std::string& name) {
  for (const worker::v1::SecretUse& use : record.secrets()) {
    if (use.name() == name) return &use;
  }
  return nullptr;
}

absl::Status SecretMissing(const state::v1::DeploymentRecord& record, const std::string& name,
                           const std::string& wanted_by) {
  const std::string& environment = record.request().spec().environment();
  return FailureStatus(v1::SECRET_MISSING,
                       absl::StrCat("the secret ", name, " is not set for ", environment),
                       {absl::StrCat(name, ": wanted by ", wanted_by, ", not set for ", environment,
                                     " (davit secrets set ", name, " -e ", environment, ")")});
}

std::vector<worker::v1::RegistryLogin> Logins(const state::v1::DeploymentRecord& record) {
  const auto& registries = record.request().spec().registries();
  // A map has no order of its own; a plan has.
  const std::map<std::string, v1::Registry> sorted(registries.begin(), registries.end());
  std::vector<worker::v1::RegistryLogin> logins;
  for (const auto& [name, registry] : sorted) {
    if (auto login = LoginOf(record, registry)) logins.push_back(*std::move(login));
  }
  return logins;
}

}  // namespace davit::core
