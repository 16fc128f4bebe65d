#include "controller/executor/secret_versions.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/new_deployment.h"

namespace davit::executor {
namespace {

using worker::v1::SecretUse;

// Places in davit.yaml that refer to a secret, by its name.
using Wanted = std::map<std::string, std::set<std::string>>;

void AddRegistries(const v1::EnvironmentSpec& spec, Wanted& wanted) {
  for (const auto& [name, registry] : spec.registries()) {
    const std::string place = absl::StrCat("registries.", name);
    if (!registry.username().secret().empty()) {
      wanted[registry.username().secret()].insert(absl::StrCat(place, ".username"));
    }
    if (!registry.password().secret().empty()) {
      wanted[registry.password().secret()].insert(absl::StrCat(place, ".password"));
    }
  }
}

absl::StatusOr<Wanted> WantedBy(const v1::DeploymentRequest& request) {
  const auto apps = core::ReleaseOrder(request);
  if (!apps.ok()) return apps.status();
  Wanted wanted;
  for (const std::string& app : *apps) {
    for (const auto& [variable, secret] : request.spec().apps().at(app).env().secret()) {
      wanted[secret].insert(absl::StrCat("apps.", app, ".env.secret"));
    }
  }
  AddRegistries(request.spec(), wanted);
  return wanted;
}

// nullopt when the secret is not set there.
absl::StatusOr<std::optional<SecretUse>> FindIn(store::ReadTxn& txn, const std::string& project,
                                                const std::string& environment,
                                                const std::string& name) {
  const auto newest = txn.NewestSecret(project, environment, name);
  if (!newest.ok()) return newest.status();
  if (!newest->has_value() || (*newest)->sealed().empty()) return std::nullopt;
  SecretUse use;
  use.set_environment(environment);
  use.set_name(name);
  use.set_version((*newest)->version());
  return use;
}

absl::StatusOr<std::optional<SecretUse>> FindNewest(store::ReadTxn& txn,
                                                    const v1::EnvironmentSpec& spec,
                                                    const std::string& name) {
  auto own = FindIn(txn, spec.project(), spec.environment(), name);
  if (!own.ok() || own->has_value()) return own;
  return FindIn(txn, spec.project(), "", name);
}

std::string MissingLine(const v1::EnvironmentSpec& spec, const std::string& name,
                        const std::set<std::string>& places) {
  return absl::StrCat(name, ": wanted by ", absl::StrJoin(places, ", "), ", not set for ",
                      spec.environment(), " (davit secrets set ", name, " -e ", spec.environment(),
                      ")");
}

absl::Status AllMissing(const v1::EnvironmentSpec& spec, const Wanted& missing) {
  std::vector<std::string> lines;
  std::vector<std::string> names;
  for (const auto& [name, places] : missing) {
    lines.push_back(MissingLine(spec, name, places));
    names.push_back(name);
  }
  v1::Failure failure = MakeFailure(
      v1::SECRET_MISSING,
      absl::StrCat(names.size() == 1 ? "A secret is" : absl::StrCat(names.size(), " secrets are"),
                   " not set: ", absl::StrJoin(names, ", "), "."),
      std::move(lines));
  failure.set_next_command(
      absl::StrCat("davit secrets set ", names.front(), " -e ", spec.environment()));
  return FailureStatus(failure);
}

}  // namespace

absl::StatusOr<std::vector<SecretUse>> ResolveSecrets(store::ReadTxn& txn,
                                                      const v1::DeploymentRequest& request) {
  const auto wanted = WantedBy(request);
  if (!wanted.ok()) return wanted.status();
  std::vector<SecretUse> uses;
  Wanted missing;
  for (const auto& [name, places] : *wanted) {
    auto use = FindNewest(txn, request.spec(), name);
    if (!use.ok()) return use.status();
    if (use->has_value()) {
      uses.push_back(**std::move(use));
    } else {
      missing.emplace(name, places);
    }
  }
  if (!missing.empty()) return AllMissing(request.spec(), missing);
  return uses;
}

absl::StatusOr<SecretUse> ResolveSecret(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                        const std::string& name, const std::string& wanted_by) {
  auto use = FindNewest(txn, spec, name);
  if (!use.ok()) return use.status();
  if (use->has_value()) return **std::move(use);
  return AllMissing(spec, {{name, {wanted_by}}});
}

}  // namespace davit::executor
