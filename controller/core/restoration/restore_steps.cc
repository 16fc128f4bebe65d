#include "controller/core/restoration/restore_steps.h"

#include "absl/strings/str_cat.h"
#include "controller/core/plan/step_timeout.h"
#include "controller/core/proto_time.h"

namespace davit::core {

NewStep LoadBackup(const BackupToRestore& backup) {
  NewStep step{
      .phase = v1::DATABASE,
      .host = backup.host,
      .title = absl::StrCat("load ", backup.file, " beside database ", backup.database.name())};
  worker::v1::LoadBackup& load = *step.spec.mutable_load_backup();
  *load.mutable_database() = backup.database;
  load.set_directory(backup.directory);
  load.set_file(backup.file);
  load.set_sha256(backup.sha256);
  *load.mutable_timeout() = ToProto(backup.timeout);
  return step;
}

NewStep RestoreDatabase(const BackupToRestore& backup, const std::string& loading_step_id) {
  NewStep step{
      .phase = v1::RELEASE,
      .host = backup.host,
      .title = absl::StrCat("restore database ", backup.database.name(), " from ", backup.file)};
  worker::v1::RestoreDatabase& restore = *step.spec.mutable_restore_database();
  *restore.mutable_database() = backup.database;
  restore.set_directory(backup.directory);
  restore.set_file(backup.file);
  *restore.mutable_timeout() = ToProto(kSwapTimeout);
  restore.set_loading_step_id(loading_step_id);
  return step;
}

}  // namespace davit::core
