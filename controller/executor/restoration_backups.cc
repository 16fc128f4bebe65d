#include "controller/executor/restoration_backups.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/call.h"
#include "common/failure/failure.h"
#include "controller/core/restoration/restoration_refusal.h"
#include "controller/core/restoration/restoration_schema.h"

namespace davit::executor {
namespace {

absl::StatusOr<bool> IsThere(const fleet::Fleet& fleet, const v1::Backup& backup,
                             absl::Time deadline) {
  const auto worker = fleet.Find(backup.host());
  if (!worker.ok()) return worker.status();
  worker::v1::ListBackupsRequest request;
  request.set_directory(backup.path().substr(0, std::max<size_t>(backup.path().rfind('/'), 1)));
  const auto listed = (*worker)->ListBackups(request, Call{.deadline = deadline});
  if (!listed.ok()) return listed.status();
  return std::any_of(listed->backups().begin(), listed->backups().end(),
                     [&](const v1::Backup& one) { return one.path() == backup.path(); });
}

absl::Status AreGone(const state::v1::DeploymentRecord& record, std::vector<std::string> gone) {
  v1::Failure failure =
      MakeFailure(v1::SCHEMA_NOT_SAFE,
                  "the backup of before the migrations is not there any more; nothing was touched",
                  std::move(gone));
  failure.set_likely_cause("newer backups have taken its place, `backup.keep` of them are kept");
  failure.set_next_command(absl::StrCat("see which there are with `davit backups -e ",
                                        record.view().environment(), "`; or use ",
                                        core::WaysLeft(record)));
  return FailureStatus(failure);
}

}  // namespace

absl::Status CheckBackupsThere(const fleet::Fleet& fleet, const state::v1::DeploymentRecord& record,
                               absl::Time deadline) {
  if (record.request().rollback().schema() != v1::RollbackRequest::RESTORE) {
    return absl::OkStatus();
  }
  std::vector<std::string> gone;
  for (const auto& [database, since] :
       core::SchemasWithFate(record, core::SchemaFate::kIsReplaced)) {
    const v1::Backup& backup = *since.Backup();
    const auto there = IsThere(fleet, backup, deadline);
    if (!there.ok()) return there.status();
    if (!*there) gone.push_back(absl::StrCat(database, ": ", backup.path(), " on ", backup.host()));
  }
  return gone.empty() ? absl::OkStatus() : AreGone(record, std::move(gone));
}

}  // namespace davit::executor
