#include "controller/executor/secret_versions.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/database/work.h"
#include "controller/core/machine/new_deployment.h"

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

// Those that the released apps use, or that are worked on without a release.
std::set<std::string> DatabasesOf(const v1::DeploymentRequest& request,
                                  const std::vector<std::string>& apps) {
  const std::vector<std::string> worked_on = core::DatabasesOfWork(request);
  std::set<std::string> names(worked_on.begin(), worked_on.end());
  for (const std::string& app : apps) names.insert(request.spec().apps().at(app).database());
  return names;
}

void AddDatabases(const v1::EnvironmentSpec& spec, const std::set<std::string>& names,
                  Wanted& wanted) {
  for (const std::string& name : names) {
    const auto database = spec.databases().find(name);
    if (database == spec.databases().end()) continue;
    const std::string place = absl::StrCat("databases.", name);
    wanted[database->second.url().secret()].insert(absl::StrCat(place, ".url"));
    const std::string& admin = database->second.admin_url().secret();
    if (!admin.empty()) wanted[admin].insert(absl::StrCat(place, ".admin_url"));
  }
}

void AddApp(const std::string& name, const v1::App& app, Wanted& wanted) {
  const std::string place = absl::StrCat("apps.", name);
  for (const auto& [variable, secret] : app.env().secret()) {
    wanted[secret].insert(absl::StrCat(place, ".env.secret"));
  }
  for (const v1::Task& task : app.tasks()) {
    for (const auto& [variable, secret] : task.env().secret()) {
      wanted[secret].insert(absl::StrCat(place, ".tasks.", task.name(), ".env.secret"));
    }
  }
}

absl::StatusOr<Wanted> WantedBy(const v1::DeploymentRequest& request) {
  const auto apps = core::ReleaseOrder(request);
  if (!apps.ok()) return apps.status();
  Wanted wanted;
  for (const std::string& app : *apps) AddApp(app, request.spec().apps().at(app), wanted);
  AddDatabases(request.spec(), DatabasesOf(request, *apps), wanted);
  // Where nothing is released, nothing is pulled.
  if (!core::IsDatabaseWork(request)) AddRegistries(request.spec(), wanted);
  return wanted;
}

// All of them are sent in one message, together with those of the release before, and are
// one container's environment, which Linux holds to 2 MiB.
constexpr size_t kMostBytes = size_t{1} << 20;

struct FoundSecret {
  SecretUse use;
  size_t bytes = 0;  // sealed
};

// nullopt when the secret is not set there.
absl::StatusOr<std::optional<FoundSecret>> FindIn(store::ReadTxn& txn, const std::string& project,
                                                  const std::string& environment,
                                                  const std::string& name) {
  const auto newest = txn.NewestSecret(project, environment, name);
  if (!newest.ok()) return newest.status();
  if (!newest->has_value() || (*newest)->sealed().empty()) return std::nullopt;
  FoundSecret found{.bytes = (*newest)->sealed().size()};
  found.use.set_environment(environment);
  found.use.set_name(name);
  found.use.set_version((*newest)->version());
  return found;
}

absl::StatusOr<std::optional<FoundSecret>> FindNewest(store::ReadTxn& txn,
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

absl::Status TooMuch(size_t bytes) {
  v1::Failure failure = MakeFailure(
      v1::SPEC_INVALID, absl::StrCat("The secrets of a deployment may have ", kMostBytes >> 20,
                                     " MiB together; these have ", bytes, " bytes."));
  failure.clear_likely_cause();
  failure.set_next_command("keep what is that large in a file of the host, or in the image");
  return FailureStatus(failure);
}

}  // namespace

absl::StatusOr<std::vector<SecretUse>> ResolveSecrets(store::ReadTxn& txn,
                                                      const v1::DeploymentRequest& request) {
  const auto wanted = WantedBy(request);
  if (!wanted.ok()) return wanted.status();
  std::vector<SecretUse> uses;
  Wanted missing;
  size_t bytes = 0;
  for (const auto& [name, places] : *wanted) {
    auto found = FindNewest(txn, request.spec(), name);
    if (!found.ok()) return found.status();
    if (found->has_value()) {
      bytes += (*found)->bytes;
      uses.push_back(std::move((*found)->use));
    } else {
      missing.emplace(name, places);
    }
  }
  if (!missing.empty()) return AllMissing(request.spec(), missing);
  if (bytes > kMostBytes) return TooMuch(bytes);
  return uses;
}

absl::StatusOr<SecretUse> ResolveSecret(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                        const std::string& name, const std::string& wanted_by) {
  auto found = FindNewest(txn, spec, name);
  if (!found.ok()) return found.status();
  if (found->has_value()) return std::move((*found)->use);
  return AllMissing(spec, {{name, {wanted_by}}});
}

}  // namespace davit::executor
