#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "google/protobuf/util/time_util.h"
#include "worker/database/archive_failure.h"
#include "worker/database/backup_directory.h"
#include "worker/database/libpq_environment.h"
#include "worker/database/restore.h"
#include "worker/database/restore_target.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/archive_way.h"
#include "worker/steps/database/restore_begin.h"
#include "worker/steps/disk_space.h"
#include "worker/steps/elapsed_text.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using google::protobuf::util::TimeUtil;
using worker::v1::RestoreDatabase;

// All names of one restore are of the same time.
class OneTime final : public Clock {
 public:
  explicit OneTime(absl::Time time) : time_(time) {}
  absl::Time Now() const override { return time_; }

 private:
  const absl::Time time_;
};

absl::StatusOr<database::BackupRecord> FindBackup(const RestoreDatabase& restore) {
  const auto listed = database::BackupDirectory(restore.directory()).List();
  if (!listed.ok()) return listed.status();
  for (const database::ListedBackup& backup : *listed) {
    if (backup.record.file == restore.file()) return backup.record;
  }
  return database::ArchiveFailureStatus(
      {database::ArchiveReason::kArchiveMissing,
       absl::StrCat("there is no backup ", restore.file(), " in ", restore.directory()),
       "no record of that name lies there", "see what there is with `davit backups`"});
}

absl::string_view PhaseText(database::RestorePhase phase) {
  switch (phase) {
    case database::RestorePhase::kChecking:
      return "check what the role may do";
    case database::RestorePhase::kVerifying:
      return "verify the backup";
    case database::RestorePhase::kLoading:
      return "load into a fresh database";
    case database::RestorePhase::kSettling:
      return "analyze";
    case database::RestorePhase::kSwapping:
      return "put it in the database's place";
  }
  return "";
}

v1::StepProgress RestoreStepProgress(database::RestorePhase phase, int64_t bytes, int64_t total) {
  v1::StepProgress progress;
  progress.set_phase(std::string(PhaseText(phase)));
  if (phase == database::RestorePhase::kVerifying || phase == database::RestorePhase::kLoading) {
    progress.set_done(bytes);
    progress.set_total(total);
    progress.set_unit("bytes");
  }
  return progress;
}

// One step. A worker that restarted looks whether the one before has done it; else what
// that has left is removed, and the restore is made anew.
class DatabaseRestore {
 public:
  DatabaseRestore(const RestoreDatabase& restore, const StepContext& context,
                  StepReporter& reporter, ArchiveWay way, absl::Time begun)
      : restore_(restore),
        context_(context),
        reporter_(reporter),
        way_(std::move(way)),
        begun_(begun),
        connect_(database::ConnectorTo(way_.url)) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const Call& call) {
    const auto backup = FindBackup(restore_);
    if (!backup.ok()) return Told(backup.status());
    if (context_.resumed) {
      const auto done = WasDone(call);
      if (!done.ok()) return Told(done.status());
      if (*done) return Outputs(*backup, database::BeforeName(way_.database, begun_));
    }
    const auto result = database::RestoreBackup(
        call, *way_.tools, connect_, OneTime(begun_), Request(*backup),
        [&](database::RestorePhase phase, int64_t bytes) {
          reporter_.Progress(RestoreStepProgress(phase, bytes, backup->size_bytes));
        });
    if (!result.ok()) return Told(result.status());
    return Outputs(*backup, result->before);
  }

 private:
  absl::Status Told(const absl::Status& status) const {
    return ArchiveStatus(status, v1::RESTORE_FAILED, way_.name);
  }

  database::RestoreRequest Request(const database::BackupRecord& backup) const {
    return {.directory = restore_.directory(),
            .backup = backup,
            .database = way_.database,
            .environment = database::LibpqEnvironmentOf(way_.url)};
  }

  // The old database has that name only since the swap.
  absl::StatusOr<bool> WasDone(const Call& call) const {
    const auto beside = database::ConnectBeside(connect_, way_.database, call);
    if (!beside.ok()) return beside.status();
    const auto found = (*beside)->Query("SELECT FROM pg_database WHERE datname = $1",
                                        {database::BeforeName(way_.database, begun_)}, call);
    if (!found.ok()) {
      return database::ServerFailure("the databases cannot be looked up", found.status());
    }
    return !found->rows.empty();
  }

  worker::v1::StepOutputs Outputs(const database::BackupRecord& backup,
                                  const std::string& old_name) const {
    worker::v1::StepOutputs outputs;
    outputs.mutable_restored()->set_old_name(old_name);
    outputs.set_summary(absl::StrCat(
        FormatBytes(backup.size_bytes), " in ",
        ElapsedText(std::max(absl::Now() - begun_, absl::ZeroDuration())),
        "; the database of before is called ", old_name, " now, and stays until it is dropped"));
    return outputs;
  }

  const RestoreDatabase& restore_;
  const StepContext& context_;
  StepReporter& reporter_;
  ArchiveWay way_;
  const absl::Time begun_;
  const database::DatabaseConnector connect_;
};

class RestoreDatabaseRunner final : public StepRunner {
 public:
  RestoreDatabaseRunner(RunnerEnvironment environment, database::ToolPlaces places)
      : environment_(std::move(environment)), places_(std::move(places)) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const RestoreDatabase& restore = spec.restore_database();
    auto way = FindArchiveWay(restore.database(), context, *environment_.engine, places_,
                              v1::RESTORE_FAILED);
    if (!way.ok()) return way.status();
    const auto begun = RestoreBegin(environment_.state_directory, context.key, absl::Now());
    if (!begun.ok()) return begun.status();
    const Call call = restore.has_timeout()
                          ? context.call.Within(absl::Nanoseconds(
                                TimeUtil::DurationToNanoseconds(restore.timeout())))
                          : context.call;
    return DatabaseRestore(restore, context, reporter, *std::move(way), *begun).Run(call);
  }

 private:
  const RunnerEnvironment environment_;
  const database::ToolPlaces places_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRestoreDatabaseRunner(const RunnerEnvironment& environment,
                                                      database::ToolPlaces places) {
  return std::make_unique<RestoreDatabaseRunner>(environment, std::move(places));
}

}  // namespace davit::steps
