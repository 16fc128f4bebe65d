#include "controller/executor/recorded_backup.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::executor {
namespace {

using state::v1::DeploymentRecord;

constexpr int kDeploymentsAtOnce = 100;

// The steps of others need not be read.
bool MayHaveBackedUp(const DeploymentRecord& record) {
  const v1::DeploymentRequest& request = record.request();
  const auto& databases = request.spec().databases();
  return request.has_backup() ||
         std::any_of(databases.begin(), databases.end(),
                     [](const auto& database) { return database.second.has_migrate(); });
}

absl::StatusOr<std::optional<MadeBackup>> FindAmongSteps(store::ReadTxn& txn, const std::string& id,
                                                         const std::string& path_end) {
  const auto state = txn.GetDeployment(id);
  if (!state.ok()) return state.status();
  for (const state::v1::StepRecord& step : state->steps) {
    if (!absl::EndsWith(step.outputs().backup().path(), path_end)) continue;
    return MadeBackup{.backup = step.outputs().backup(),
                      .url = step.spec().backup_database().database().url()};
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::optional<MadeBackup>> RecordedBackup(store::ReadTxn& txn,
                                                         const v1::DeploymentRequest& request) {
  if (!request.has_restore()) return std::nullopt;
  const std::string path_end = absl::StrCat("/", request.restore().file());
  store::DeploymentFilter filter{.project = request.spec().project(),
                                 .environment = request.spec().environment(),
                                 .limit = kDeploymentsAtOnce};
  while (true) {
    const auto records = txn.ListDeployments(filter);
    if (!records.ok()) return records.status();
    for (const DeploymentRecord& record : *records) {
      if (!MayHaveBackedUp(record)) continue;
      auto found = FindAmongSteps(txn, record.view().id(), path_end);
      if (!found.ok() || found->has_value()) return found;
    }
    if (records->size() < static_cast<size_t>(filter.limit)) return std::nullopt;
    filter.before_id = records->back().view().id();
  }
}

}  // namespace davit::executor
