#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/clock.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/archive_way.h"
#include "worker/steps/database/backup/message.h"
#include "worker/steps/database/backup/room.h"
#include "worker/steps/database/backup/teller.h"
#include "worker/steps/database/limited_call.h"
#include "worker/steps/database/migration/locks.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/counted.h"
#include "worker/steps/text/elapsed_text.h"

namespace davit::steps {
namespace {

using worker::v1::BackupDatabase;

// Of pg_dump's session.
constexpr char kDumpsName[] = "davit-backup";

// Whoever holds what it waited for until its time was up.
absl::Status WithLockHolders(const absl::Status& status, const std::vector<std::string>& holders) {
  auto failure = database::ArchiveFailureOf(status);
  if (holders.empty() || !failure.has_value() ||
      failure->reason != database::ArchiveReason::kTimedOut) {
    return status;
  }
  absl::StrAppend(&failure->evidence, "\n", absl::StrJoin(holders, "\n"));
  failure->advice = "end the session that holds the lock, or " + failure->advice;
  return database::ArchiveFailureStatus(*failure);
}

std::string PrunedText(const database::PrunedBackups& pruned) {
  std::string text;
  if (!pruned.gone.empty()) {
    text = absl::StrCat("; ", Counted(pruned.gone.size(), "older one", "older ones"), " removed");
  }
  if (pruned.ahead.empty()) return text;
  return absl::StrCat(
      text, "; WARNING: ", absl::StrJoin(pruned.ahead, ", "),
      pruned.ahead.size() == 1 ? " is dated in the future: it stays, and is"
                               : " are dated in the future: they stay, and are",
      " not counted among those that are kept; look at the host's clock, and remove by hand what "
      "nobody needs");
}

// One step. A worker that restarted finds what the one before has finished by its
// record; what that had begun only is removed, and made again.
class DatabaseBackup {
 public:
  DatabaseBackup(const BackupDatabase& backup, const StepContext& context, StepReporter& reporter,
                 StepDatabase database, ArchiveWay way)
      : database_(std::move(database)),
        backup_(backup),
        context_(context),
        reporter_(reporter),
        way_(std::move(way)),
        request_{.directory = backup.directory(),
                 .environment = database::PatientEnvironmentOf(way_.url, way_.server),
                 .server = way_.server_name,
                 .server_version = way_.server.version_text,
                 .deployment = context.key.deployment_id(),
                 .project = context.key.project(),
                 .environment_name = context.key.environment()} {
    request_.environment["PGDATABASE"] = way_.database;
    request_.environment["PGAPPNAME"] = kDumpsName;
  }

  absl::StatusOr<worker::v1::StepOutputs> Run(const Call& call) {
    BackupTeller teller(reporter_, *way_.tools);
    LockWatch watch(&database_, kDumpsName, &reporter_, Waiting::kNamed);
    const auto record = Obtain(call, std::ref(teller));
    const std::vector<std::string> holders = watch.Finish();
    if (!record.ok()) {
      return ArchiveStatus(WithLockHolders(record.status(), holders), v1::BACKUP_FAILED, way_.name);
    }
    return Outputs(*record, RemoveOld(*record));
  }

 private:
  absl::StatusOr<database::BackupRecord> Obtain(const Call& call,
                                                const database::BackupProgress& progress) {
    if (context_.resumed) {
      auto made = MadeBefore();
      if (made.has_value() &&
          database::VerifyBackup(call, *way_.tools, backup_.directory(), *made, progress).ok()) {
        return *std::move(made);
      }
    }
    absl::Status room = CheckBackupRoom(request_, way_.server.database_bytes);
    if (!room.ok()) return room;
    return database::MakeBackup(call, *way_.tools, SystemClock(), request_, progress);
  }

  std::optional<database::BackupRecord> MadeBefore() const {
    const auto listed = database::BackupDirectory(backup_.directory()).List();
    if (!listed.ok()) return std::nullopt;
    for (const database::ListedBackup& found : *listed) {
      const database::BackupRecord& record = found.record;
      if (found.whole && record.deployment == request_.deployment &&
          record.database == way_.database && record.server == way_.server_name) {
        return record;
      }
    }
    return std::nullopt;
  }

  // In words: what became of older ones. That they cannot be removed does not make the
  // new one worse.
  std::string RemoveOld(const database::BackupRecord& record) const {
    const auto pruned = database::BackupDirectory(backup_.directory())
                            .Prune(record, backup_.keep(),
                                   {backup_.keep_paths().begin(), backup_.keep_paths().end()});
    if (!pruned.ok()) return absl::StrCat("; ", pruned.status().message());
    return PrunedText(*pruned);
  }

  worker::v1::StepOutputs Outputs(const database::BackupRecord& record,
                                  const std::string& older) const {
    worker::v1::StepOutputs outputs;
    v1::Backup& backup = *outputs.mutable_backup();
    backup = BackupMessage(record, backup_.directory());
    backup.set_database(way_.name);
    backup.set_host(backup_.host());
    outputs.set_summary(absl::StrCat(FormatBytes(record.size_bytes), " in ",
                                     ElapsedText(record.duration), ": ", backup.path(), older));
    return outputs;
  }

  const StepDatabase database_;
  const BackupDatabase& backup_;
  const StepContext& context_;
  StepReporter& reporter_;
  ArchiveWay way_;
  database::BackupRequest request_;
};

class BackupDatabaseRunner final : public StepRunner {
 public:
  BackupDatabaseRunner(const RunnerEnvironment& environment, database::ToolPlaces places)
      : engine_(environment.engine), places_(std::move(places)) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const BackupDatabase& backup = spec.backup_database();
    auto way = FindArchiveWay(backup.database(), context, *engine_, places_, v1::BACKUP_FAILED);
    if (!way.ok()) return way.status();
    auto database = StepDatabase::Of(backup.database(), WayIn::kAdmin, context, *engine_);
    if (!database.ok()) return database.status();
    return DatabaseBackup(backup, context, reporter, *std::move(database), *std::move(way))
        .Run(LimitedCall(context.call, backup));
  }

 private:
  docker::Engine* const engine_;
  const database::ToolPlaces places_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeBackupDatabaseRunner(const RunnerEnvironment& environment,
                                                     database::ToolPlaces places) {
  return std::make_unique<BackupDatabaseRunner>(environment, std::move(places));
}

}  // namespace davit::steps
