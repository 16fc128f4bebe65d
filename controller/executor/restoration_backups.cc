#include "controller/executor/restoration_backups.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/call.h"
#include "common/failure/failure.h"
#include "controller/core/database/backup_text.h"
#include "controller/core/database/work.h"
#include "controller/core/restoration/restoration_refusal.h"
#include "controller/core/restoration/restoration_schema.h"

namespace davit::executor {
namespace {

// Why it is not there as it was made; empty: it is.
absl::StatusOr<std::string> WhyNotThere(const fleet::Fleet& fleet, const v1::Backup& backup,
                                        absl::Time deadline) {
  const auto worker = fleet.Find(backup.host());
  if (!worker.ok()) return worker.status();
  worker::v1::ListBackupsRequest request;
  request.set_directory(core::BackupDirectory(backup));
  const auto listed = (*worker)->ListBackups(request, Call{.deadline = deadline});
  if (!listed.ok()) return listed.status();
  for (const v1::Backup& one : listed->backups()) {
    if (one.path() != backup.path()) continue;
    const bool same = backup.sha256().empty() || one.sha256() == backup.sha256();
    return same ? "" : "another one took its place: its checksum is not the one on record";
  }
  for (const v1::UnusableBackup& one : listed->unusable()) {
    if (one.backup().path() == backup.path()) return one.reason();
  }
  return "it is gone";
}

absl::Status AreGone(const state::v1::DeploymentRecord& record, std::vector<std::string> gone) {
  v1::Failure failure =
      MakeFailure(v1::SCHEMA_NOT_SAFE,
                  "the backup of before the migrations is not there any more as it was made; "
                  "nothing was touched",
                  std::move(gone));
  failure.set_likely_cause(
      "newer backups have taken its place, `backup.keep` of them are kept; or somebody has touched "
      "its file");
  failure.set_next_command(absl::StrCat("see which there are with `davit backups -e ",
                                        record.view().environment(), "`; or use ",
                                        core::WaysLeft(record)));
  return FailureStatus(failure);
}

}  // namespace

absl::Status CheckBackupsThere(const fleet::Fleet& fleet, const state::v1::DeploymentRecord& record,
                               absl::Time deadline) {
  if (!core::IsRollbackThatRestores(record.request())) return absl::OkStatus();
  std::vector<std::string> gone;
  for (const auto& [database, since] :
       core::SchemasWithFate(record, core::SchemaFate::kIsReplaced)) {
    const v1::Backup& backup = *since.Backup();
    const auto why = WhyNotThere(fleet, backup, deadline);
    if (!why.ok()) return why.status();
    if (why->empty()) continue;
    gone.push_back(absl::StrCat(database, ": ", backup.path(), " on ", backup.host(), ": ", *why));
  }
  return gone.empty() ? absl::OkStatus() : AreGone(record, std::move(gone));
}

}  // namespace davit::executor
