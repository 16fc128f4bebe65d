#include "worker/database/restore/load_backup.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/database/restore/restore_names.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/archive_way.h"
#include "worker/steps/database/limited_call.h"
#include "worker/steps/database/migration/turn_holder.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/elapsed_text.h"

namespace davit::steps {
namespace {

// The file is compared with its record later; both may have been put in the place of others.
absl::StatusOr<database::BackupRecord> AsItWasMade(const database::BackupRecord& record,
                                                   const worker::v1::LoadBackup& load) {
  if (load.sha256().empty() || load.sha256() == record.sha256) return record;
  return database::ArchiveFailureStatus(
      {database::ArchiveReason::kArchiveDamaged,
       absl::StrCat("the backup ", load.file(), " in ", load.directory(),
                    " is not the one that was made"),
       absl::StrCat("its record ", database::BackupRecordFile(load.file()), " has the SHA-256 ",
                    record.sha256, ", and the deployment that made it ", load.sha256()),
       "use another backup, or find out who has put this one in its place"});
}

absl::StatusOr<database::BackupRecord> FindBackup(const worker::v1::LoadBackup& load) {
  const auto listed = database::BackupDirectory(load.directory()).List();
  if (!listed.ok()) return listed.status();
  for (const database::ListedBackup& backup : *listed) {
    if (backup.record.file == load.file()) return AsItWasMade(backup.record, load);
  }
  const std::string record = database::BackupRecordFile(load.file());
  std::error_code error;
  const bool is_there =
      std::filesystem::exists(database::BackupDirectory(load.directory()).File(load.file()), error);
  return database::ArchiveFailureStatus(
      {database::ArchiveReason::kArchiveMissing,
       absl::StrCat(is_there ? "there is no record of the backup " : "there is no backup ",
                    load.file(), " in ", load.directory()),
       is_there ? absl::StrCat("the backup is there, but ", record,
                               ", which has its checksum, is missing or not its own")
                : absl::StrCat("neither it nor its record ", record, " lies there"),
       "see what there is with `davit backups`"});
}

absl::string_view LoadPhaseText(database::LoadPhase phase) {
  switch (phase) {
    case database::LoadPhase::kChecking:
      return "check what the role may do";
    case database::LoadPhase::kVerifying:
      return "verify the backup";
    case database::LoadPhase::kLoading:
      return "load into a fresh database";
    case database::LoadPhase::kSettling:
      return "analyze";
  }
  return "";
}

v1::StepProgress LoadStepProgress(database::LoadPhase phase, int64_t bytes, int64_t total) {
  v1::StepProgress progress;
  progress.set_phase(std::string(LoadPhaseText(phase)));
  if (phase == database::LoadPhase::kVerifying || phase == database::LoadPhase::kLoading) {
    progress.set_done(bytes);
    progress.set_total(total);
    progress.set_unit("bytes");
  }
  return progress;
}

// What the worker before has loaded to the end is found by its mark; what that had begun only
// is removed, and read in anew: nobody uses it.
class LoadBackupRunner final : public StepRunner {
 public:
  LoadBackupRunner(RunnerEnvironment environment, database::ToolPlaces places,
                   std::shared_ptr<const RunningMigrations> migrations)
      : environment_(std::move(environment)),
        places_(std::move(places)),
        migrations_(std::move(migrations)) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const worker::v1::LoadBackup& load = spec.load_backup();
    const absl::Time begun = absl::Now();
    const auto way =
        FindArchiveWay(load.database(), context, *environment_.engine, places_, v1::RESTORE_FAILED);
    if (!way.ok()) return way.status();
    const absl::Status free =
        RefuseWhileMigrated(load.database(), environment_, *migrations_, context);
    if (!free.ok()) return free;
    const auto backup = FindBackup(load);
    if (!backup.ok()) return ArchiveStatus(backup.status(), v1::RESTORE_FAILED, way->name);
    const auto apps = StepDatabase::Of(load.database(), WayIn::kApp, context, *environment_.engine);
    if (!apps.ok()) return apps.status();
    const absl::Status loaded = database::LoadBackup(
        LimitedCall(context.call, load), *way->tools, database::ConnectorTo(way->url),
        {.directory = load.directory(),
         .backup = *backup,
         .database = way->database,
         .key = context.key.step_id(),
         .environment = database::PatientEnvironmentOf(way->url, way->server),
         .app_role = apps->url().user},
        [&](database::LoadPhase phase, int64_t bytes) {
          reporter.Progress(LoadStepProgress(phase, bytes, backup->size_bytes));
        });
    if (!loaded.ok()) return ArchiveStatus(loaded, v1::RESTORE_FAILED, way->name);
    worker::v1::StepOutputs outputs;
    outputs.set_summary(
        absl::StrCat(FormatBytes(backup->size_bytes), " in ", ElapsedText(absl::Now() - begun),
                     ", into ", database::RestoringName(way->database, context.key.step_id())));
    return outputs;
  }

 private:
  const RunnerEnvironment environment_;
  const database::ToolPlaces places_;
  const std::shared_ptr<const RunningMigrations> migrations_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeLoadBackupRunner(
    const RunnerEnvironment& environment, database::ToolPlaces places,
    std::shared_ptr<const RunningMigrations> migrations) {
  return std::make_unique<LoadBackupRunner>(environment, std::move(places), std::move(migrations));
}

}  // namespace davit::steps
