#include "worker/steps/database/backup/message.h"

#include "absl/strings/match.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/backup/unusable_backups.h"

namespace davit::steps {

using google::protobuf::util::TimeUtil;

v1::Backup BackupMessage(const database::BackupRecord& record, const std::string& directory) {
  v1::Backup backup;
  backup.set_path(database::BackupDirectory(directory).File(record.file));
  backup.set_size_bytes(record.size_bytes);
  backup.set_sha256(record.sha256);
  backup.set_database_name(record.database);
  backup.set_server_version(record.server_version);
  backup.set_tool_version(record.tool_version);
  *backup.mutable_start_time() =
      TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(record.started));
  *backup.mutable_duration() =
      TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(record.duration));
  backup.set_deployment_id(record.deployment);
  return backup;
}

namespace {

absl::Status ListFailure(const absl::Status& status) {
  const auto told = database::ArchiveFailureOf(status);
  v1::Failure failure = MakeFailure(
      v1::BACKUP_FAILED, told.has_value() ? told->sentence : std::string(status.message()));
  if (told.has_value()) failure.set_next_command(told->advice);
  return FailureStatus(failure);
}

v1::UnusableBackup UnusableMessage(const database::UnusableFile& file,
                                   const std::string& directory) {
  v1::UnusableBackup unusable;
  if (file.record.has_value()) *unusable.mutable_backup() = BackupMessage(*file.record, directory);
  unusable.mutable_backup()->set_path(database::BackupDirectory(directory).File(file.file));
  unusable.set_reason(file.reason);
  return unusable;
}

}  // namespace

absl::StatusOr<worker::v1::ListBackupsResponse> ListBackupsIn(const std::string& directory) {
  if (!absl::StartsWith(directory, "/")) {
    return FailureStatus(v1::SPEC_INVALID, "a backups' directory must be an absolute path");
  }
  const auto listed = database::BackupDirectory(directory).List();
  if (!listed.ok()) return ListFailure(listed.status());
  const auto unusable = database::FindUnusableBackups(directory);
  if (!unusable.ok()) return ListFailure(unusable.status());
  worker::v1::ListBackupsResponse response;
  for (const database::ListedBackup& backup : *listed) {
    if (backup.whole) *response.add_backups() = BackupMessage(backup.record, directory);
  }
  for (const database::UnusableFile& file : *unusable) {
    *response.add_unusable() = UnusableMessage(file, directory);
  }
  return response;
}

}  // namespace davit::steps
