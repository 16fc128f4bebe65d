#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call.h"
#include "common/failure/failure.h"
#include "common/spec/loader.h"
#include "controller/api/databases/backup_makers.h"
#include "controller/api/databases/database_service.h"
#include "controller/core/proto_time.h"

namespace davit::api {
namespace {

// What lies on the host.
struct Found {
  std::vector<v1::Backup> backups;
  std::vector<v1::UnusableBackup> unusable;
};

absl::Status CheckSpec(const v1::EnvironmentSpec& spec) {
  std::vector<std::string> problems = spec::ValidateEnvironment(spec);
  if (problems.empty()) return absl::OkStatus();
  return FailureStatus(v1::SPEC_INVALID, "the environment is not one", std::move(problems));
}

// A map has no order of its own, and several databases may share one.
std::set<std::string> DirectoriesOf(const v1::EnvironmentSpec& spec) {
  std::set<std::string> directories;
  for (const auto& [name, database] : spec.databases()) {
    directories.insert(database.backup().directory());
  }
  return directories;
}

absl::StatusOr<Found> AskForBackups(const DatabaseContext& context, const std::string& host,
                                    const std::set<std::string>& directories) {
  const absl::Status ready = context.fleet.CheckReady({host}, absl::Now() + context.host_patience);
  if (!ready.ok()) return ready;
  const auto worker = context.fleet.Find(host);
  if (!worker.ok()) return worker.status();
  Found found;
  for (const std::string& directory : directories) {
    worker::v1::ListBackupsRequest request;
    request.set_directory(directory);
    auto response = (*worker)->ListBackups(request, Call());
    if (!response.ok()) return response.status();
    for (v1::Backup& backup : *response->mutable_backups()) {
      backup.set_host(host);
      found.backups.push_back(std::move(backup));
    }
    for (v1::UnusableBackup& unusable : *response->mutable_unusable()) {
      unusable.mutable_backup()->set_host(host);
      found.unusable.push_back(std::move(unusable));
    }
  }
  return found;
}

v1::UnusableBackup Unusable(v1::Backup backup, std::string reason) {
  v1::UnusableBackup unusable;
  *unusable.mutable_backup() = std::move(backup);
  unusable.set_reason(std::move(reason));
  return unusable;
}

bool IsBefore(const v1::UnusableBackup& a, const v1::UnusableBackup& b) {
  return a.backup().path() < b.backup().path();
}

// Adds what is of this project and environment, or of nobody that is known.
absl::Status FillIn(const DatabaseContext& context, const v1::EnvironmentSpec& spec, Found found,
                    v1::ListBackupsResponse& response) {
  return context.store.View([&](store::ReadTxn& txn) {
    BackupMakers makers(txn, spec);
    for (v1::Backup& backup : found.backups) {
      auto database = makers.DatabaseOf(backup);
      if (!database.ok()) return database.status();
      if (!database->has_value()) continue;
      auto why = makers.WhyAnother(backup);
      if (!why.ok()) return why.status();
      backup.set_database(**std::move(database));
      if (why->has_value()) {
        found.unusable.push_back(Unusable(std::move(backup), **std::move(why)));
      } else {
        *response.add_backups() = std::move(backup);
      }
    }
    std::sort(found.unusable.begin(), found.unusable.end(), IsBefore);
    for (v1::UnusableBackup& unusable : found.unusable) {
      auto database = makers.DatabaseOf(unusable.backup());
      if (!database.ok()) return database.status();
      if (!database->has_value()) continue;
      unusable.mutable_backup()->set_database(**std::move(database));
      *response.add_unusable() = std::move(unusable);
    }
    return absl::OkStatus();
  });
}

bool IsNewer(const v1::Backup& a, const v1::Backup& b) {
  const absl::Time begun_a = core::FromProto(a.start_time());
  const absl::Time begun_b = core::FromProto(b.start_time());
  return begun_a == begun_b ? a.path() < b.path() : begun_a > begun_b;
}

}  // namespace

absl::StatusOr<v1::ListBackupsResponse> ListBackups(const DatabaseContext& context,
                                                    const v1::ListBackupsRequest& request) {
  const v1::EnvironmentSpec& spec = request.spec();
  if (absl::Status status = CheckSpec(spec); !status.ok()) return status;
  v1::ListBackupsResponse response;
  if (spec.databases().empty()) return response;
  auto found = AskForBackups(context, spec.hosts(0), DirectoriesOf(spec));
  if (!found.ok()) return found.status();
  std::sort(found->backups.begin(), found->backups.end(), IsNewer);
  if (absl::Status read = FillIn(context, spec, *std::move(found), response); !read.ok()) {
    return read;
  }
  return response;
}

}  // namespace davit::api
