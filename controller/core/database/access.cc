#include "controller/core/database/access.h"

#include "absl/strings/str_cat.h"
#include "controller/core/plan/container_spec.h"
#include "controller/core/plan/secret_use.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using worker::v1::ContainerSpec;
using worker::v1::DatabaseAccess;

// Leaves `use` alone where no secret is named.
absl::Status AddUrl(const DeploymentRecord& record, const std::string& secret,
                    const std::string& place, worker::v1::SecretUse& (*use)(DatabaseAccess&),
                    DatabaseAccess& access) {
  if (secret.empty()) return absl::OkStatus();
  const worker::v1::SecretUse* found = FindSecret(record, secret);
  if (found == nullptr) return SecretMissing(record, secret, place);
  use(access) = *found;
  return absl::OkStatus();
}

// The app that a database is reached as; null: none uses it.
const v1::App* UserOf(const v1::EnvironmentSpec& spec, const std::string& database) {
  const v1::Database& declared = spec.databases().at(database);
  if (const auto app = spec.apps().find(declared.migrate().app()); app != spec.apps().end()) {
    return &app->second;
  }
  const std::string* first = nullptr;
  for (const auto& [name, app] : spec.apps()) {
    if (app.database() == database && (first == nullptr || name < *first)) first = &name;
  }
  return first == nullptr ? nullptr : &spec.apps().at(*first);
}

}  // namespace

absl::StatusOr<DatabaseAccess> DatabaseAccessOf(const DeploymentRecord& record,
                                                const std::string& database,
                                                const ContainerSpec& container) {
  const v1::Database& declared = record.request().spec().databases().at(database);
  const std::string place = absl::StrCat("databases.", database);
  DatabaseAccess access;
  access.set_name(database);
  absl::Status status = AddUrl(
      record, declared.url().secret(), absl::StrCat(place, ".url"),
      [](DatabaseAccess& to) -> worker::v1::SecretUse& { return *to.mutable_url(); }, access);
  if (status.ok()) {
    status = AddUrl(
        record, declared.admin_url().secret(), absl::StrCat(place, ".admin_url"),
        [](DatabaseAccess& to) -> worker::v1::SecretUse& { return *to.mutable_admin_url(); },
        access);
  }
  if (!status.ok()) return status;
  *access.mutable_networks() = container.networks();
  *access.mutable_extra_hosts() = container.extra_hosts();
  *access.mutable_mounts() = container.mounts();
  return access;
}

absl::StatusOr<DatabaseAccess> DatabaseAccessOf(const DeploymentRecord& record,
                                                const std::string& database) {
  const v1::App* user = UserOf(record.request().spec(), database);
  return DatabaseAccessOf(record, database,
                          user == nullptr ? ContainerSpec() : PlaceOf(user->container()));
}

}  // namespace davit::core
