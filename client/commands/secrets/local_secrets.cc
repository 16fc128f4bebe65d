#include "client/commands/secrets/local_secrets.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/secrets/secret_input.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

constexpr absl::string_view kPrefix = "DAVIT_SECRET_";

absl::Status SetFrom(const std::string& variable, const v1::SetSecretRequest& request,
                     Connection& connection) {
  absl::Status status = CheckSecretValue(request.value());
  if (status.ok()) status = connection.Call(&Connection::SecretStub::SetSecret, request).status();
  if (status.ok()) return absl::OkStatus();
  v1::Failure failure = FailureOf(status);
  failure.add_evidence(absl::StrCat("the value is that of the variable ", variable));
  return FailureStatus(failure);
}

}  // namespace

std::set<std::string> SecretNames(const v1::EnvironmentSpec& spec) {
  std::set<std::string> names;
  for (const auto& [app, settings] : spec.apps()) {
    for (const auto& [variable, secret] : settings.env().secret()) names.insert(secret);
    for (const v1::Task& task : settings.tasks()) {
      for (const auto& [variable, secret] : task.env().secret()) names.insert(secret);
    }
  }
  for (const auto& [name, registry] : spec.registries()) {
    names.insert(registry.username().secret());
    names.insert(registry.password().secret());
  }
  for (const auto& [name, database] : spec.databases()) {
    names.insert(database.url().secret());
    names.insert(database.admin_url().secret());
  }
  names.erase("");
  return names;
}

absl::Status SetLocalSecrets(const Invocation& invocation, Connection& connection,
                             const v1::EnvironmentSpec& spec) {
  if (!invocation.common.local) return absl::OkStatus();
  for (const std::string& name : SecretNames(spec)) {
    const std::string variable = absl::StrCat(kPrefix, name);
    const std::optional<std::string> value = invocation.variable(variable);
    if (!value.has_value() || value->empty()) continue;
    v1::SetSecretRequest request;
    request.set_project(spec.project());
    request.set_environment(spec.environment());
    request.set_name(name);
    request.set_value(*value);
    request.set_set_by(absl::StrCat(CallerName(invocation), " (", variable, ")"));
    request.set_only_if_changed(true);
    if (absl::Status set = SetFrom(variable, request, connection); !set.ok()) return set;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Connection>> OpenWithSecrets(const Invocation& invocation,
                                                            const v1::EnvironmentSpec& spec) {
  auto connection = Connection::Open(invocation);
  if (!connection.ok()) return connection;
  const absl::Status set = SetLocalSecrets(invocation, **connection, spec);
  if (!set.ok()) return set;
  return connection;
}

}  // namespace davit::commands
