#include "controller/api/databases/backup_makers.h"

#include "absl/strings/str_cat.h"

namespace davit::api {

absl::StatusOr<const BackupMakers::Deployment*> BackupMakers::MakerOf(const std::string& id) {
  const auto [entry, fresh] = deployments_.try_emplace(id);
  if (!fresh || id.empty()) return &entry->second;
  const auto state = txn_.GetDeployment(id);
  if (absl::IsNotFound(state.status())) return &entry->second;
  if (!state.ok()) return state.status();
  const v1::Deployment& view = state->record.view();
  entry->second.known = true;
  entry->second.ours =
      view.project() == spec_.project() && view.environment() == spec_.environment();
  for (const state::v1::StepRecord& step : state->steps) {
    if (!step.spec().has_backup_database()) continue;
    const v1::Backup& backup = step.outputs().backup();
    entry->second.made[backup.path()] = {step.spec().backup_database().database().name(),
                                         backup.sha256()};
  }
  return &entry->second;
}

absl::StatusOr<std::optional<std::string>> BackupMakers::DatabaseOf(const v1::Backup& backup) {
  const auto maker = MakerOf(backup.deployment_id());
  if (!maker.ok()) return maker.status();
  if (!(*maker)->known) return std::string();
  if (!(*maker)->ours) return std::nullopt;
  const auto made = (*maker)->made.find(backup.path());
  return made == (*maker)->made.end() ? std::string() : made->second.database;
}

absl::StatusOr<std::optional<std::string>> BackupMakers::WhyAnother(const v1::Backup& backup) {
  const auto maker = MakerOf(backup.deployment_id());
  if (!maker.ok()) return maker.status();
  const auto made = (*maker)->made.find(backup.path());
  if (made == (*maker)->made.end() || made->second.sha256.empty() ||
      made->second.sha256 == backup.sha256()) {
    return std::nullopt;
  }
  return absl::StrCat("it is not the one that was made: its checksum is another than deployment ",
                      backup.deployment_id(), " has on record");
}

}  // namespace davit::api
