#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call.h"
#include "common/failure/failure.h"
#include "common/spec/loader.h"
#include "controller/api/database_service.h"
#include "controller/core/proto_time.h"

namespace davit::api {
namespace {

using Backups = std::vector<v1::Backup>;

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

absl::StatusOr<Backups> AskForBackups(const DatabaseContext& context, const std::string& host,
                                      const std::set<std::string>& directories) {
  const absl::Status ready = context.fleet.CheckReady({host}, absl::Now() + context.host_patience);
  if (!ready.ok()) return ready;
  const auto worker = context.fleet.Find(host);
  if (!worker.ok()) return worker.status();
  Backups backups;
  for (const std::string& directory : directories) {
    worker::v1::ListBackupsRequest request;
    request.set_directory(directory);
    auto response = (*worker)->ListBackups(request, Call());
    if (!response.ok()) return response.status();
    for (v1::Backup& backup : *response->mutable_backups()) {
      backup.set_host(host);
      backups.push_back(std::move(backup));
    }
  }
  return backups;
}

// What the records know of the backups that deployments have made.
class Makers {
 public:
  Makers(store::ReadTxn& txn, const v1::EnvironmentSpec& spec) : txn_(txn), spec_(spec) {}

  // The database in davit.yaml that `backup` is of; empty where its deployment is not known.
  // Nullopt when it was made for another project or environment.
  absl::StatusOr<std::optional<std::string>> DatabaseOf(const v1::Backup& backup) {
    if (backup.deployment_id().empty()) return std::string();
    const auto made = Made(backup.deployment_id());
    if (!made.ok()) return made.status();
    if (!(*made)->known) return std::string();
    if (!(*made)->ours) return std::nullopt;
    const auto database = (*made)->databases.find(backup.path());
    return database == (*made)->databases.end() ? std::string() : database->second;
  }

 private:
  struct Deployment {
    bool known = false;
    bool ours = false;                             // of this project and environment
    std::map<std::string, std::string> databases;  // by path of the backup
  };

  absl::StatusOr<const Deployment*> Made(const std::string& id) {
    const auto [entry, fresh] = deployments_.try_emplace(id);
    if (!fresh) return &entry->second;
    const auto state = txn_.GetDeployment(id);
    if (absl::IsNotFound(state.status())) return &entry->second;
    if (!state.ok()) return state.status();
    const v1::Deployment& view = state->record.view();
    entry->second.known = true;
    entry->second.ours =
        view.project() == spec_.project() && view.environment() == spec_.environment();
    for (const state::v1::StepRecord& step : state->steps) {
      if (!step.spec().has_backup_database()) continue;
      entry->second.databases[step.outputs().backup().path()] =
          step.spec().backup_database().database().name();
    }
    return &entry->second;
  }

  store::ReadTxn& txn_;
  const v1::EnvironmentSpec& spec_;
  std::map<std::string, Deployment> deployments_;
};

absl::Status FillIn(const DatabaseContext& context, const v1::EnvironmentSpec& spec, Backups found,
                    v1::ListBackupsResponse& response) {
  return context.store.View([&](store::ReadTxn& txn) {
    Makers makers(txn, spec);
    for (v1::Backup& backup : found) {
      auto database = makers.DatabaseOf(backup);
      if (!database.ok()) return database.status();
      if (!database->has_value()) continue;
      backup.set_database(**std::move(database));
      *response.add_backups() = backup;
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
  std::sort(found->begin(), found->end(), IsNewer);
  if (absl::Status read = FillIn(context, spec, *std::move(found), response); !read.ok()) {
    return read;
  }
  return response;
}

}  // namespace davit::api
