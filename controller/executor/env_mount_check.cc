#include "controller/executor/env_mount_check.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env_file/env_file.h"
#include "common/failure/failure.h"
#include "controller/core/machine/new_deployment.h"

namespace davit::executor {
namespace {

using worker::v1::SecretUse;

// Opens each secret once, and only where a file is to have it.
class SecretValues {
 public:
  SecretValues(SecretSource& source, std::string project, absl::Span<const SecretUse> uses)
      : source_(source), project_(std::move(project)), uses_(uses) {}

  const std::optional<std::string>& Of(const std::string& name) {
    const auto [entry, fresh] = values_.try_emplace(name);
    if (!fresh) return entry->second;
    for (const SecretUse& use : uses_) {
      if (use.name() != name) continue;
      auto value = source_.Value(project_, use);
      if (value.ok()) entry->second = *std::move(value);
    }
    return entry->second;
  }

 private:
  SecretSource& source_;
  const std::string project_;
  const absl::Span<const SecretUse> uses_;
  std::map<std::string, std::optional<std::string>> values_;  // nullopt: cannot be had
};

// Appends `next` as a line of evidence; the first one is told in full.
void AddRefusal(const std::string& app, const std::string& secret, const absl::Status& next,
                std::optional<v1::Failure>& all) {
  const v1::Failure failure = FailureOf(next);
  if (!all) all = failure;
  all->add_evidence(
      absl::StrCat("apps.", app, ".env_mounts: secret ", secret, ": ", failure.message()));
}

absl::Status CheckApp(const std::string& name, const v1::App& app, SecretValues& values) {
  std::optional<v1::Failure> all;
  // A map has no order of its own.
  const std::map<std::string, std::string> sorted(app.env().secret().begin(),
                                                  app.env().secret().end());
  for (const v1::EnvMount& mount : app.env_mounts()) {
    for (const auto& [variable, secret] : sorted) {
      const std::optional<std::string>& value = values.Of(secret);
      if (!value) continue;
      const absl::Status status = CheckEnvValue(mount.format(), variable, *value);
      if (!status.ok()) AddRefusal(name, secret, status, all);
    }
  }
  return all ? FailureStatus(*all) : absl::OkStatus();
}

}  // namespace

std::map<std::string, absl::Status> EnvMountProblems(SecretSource& secrets,
                                                     const v1::DeploymentRequest& request,
                                                     absl::Span<const SecretUse> uses) {
  std::map<std::string, absl::Status> problems;
  // Older releases have other versions, and files that were checked when they were made.
  if (request.has_rollback()) return problems;
  const auto apps = core::ReleaseOrder(request);
  if (!apps.ok()) return problems;  // refused where the deployment is made
  SecretValues values(secrets, request.spec().project(), uses);
  for (const std::string& app : *apps) {
    absl::Status status = CheckApp(app, request.spec().apps().at(app), values);
    if (!status.ok()) problems.emplace(app, std::move(status));
  }
  return problems;
}

absl::Status CheckEnvMounts(SecretSource& secrets, const v1::DeploymentRequest& request,
                            absl::Span<const SecretUse> uses) {
  std::optional<v1::Failure> all;
  for (const auto& [app, status] : EnvMountProblems(secrets, request, uses)) {
    const v1::Failure failure = FailureOf(status);
    if (all) {
      all->mutable_evidence()->MergeFrom(failure.evidence());
    } else {
      all = failure;
    }
  }
  return all ? FailureStatus(*all) : absl::OkStatus();
}

}  // namespace davit::executor
