#include "worker/database/restore/load_backup.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/migration/ledger.h"
#include "worker/database/restore/loaded_database.h"
#include "worker/database/restore/restore_leftovers.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/restore/restore_target.h"
#include "worker/database/restore/swap_obstacles.h"

namespace davit::database {
namespace {

// To clear up after the call has ended.
constexpr absl::Duration kClearPatience = absl::Seconds(60);

// As libpq's connection strings have it.
std::string QuotedValue(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// Ended by the server, which may say why at the next statement, or cut.
bool IsLost(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::StartsWith(SqlState(status), "57P");
}

// One load, its steps in order.
class Load {
 public:
  Load(const Call& call, ToolRunner& tools, const DatabaseConnector& connect,
       const LoadRequest& request, const LoadProgress& progress)
      : call_(call),
        tools_(tools),
        connect_(connect),
        request_(request),
        progress_(progress),
        fresh_(RestoringName(request.database, request.key)) {}

  absl::Status Run() {
    // Held until the end.
    auto lock = LockRestores(connect_, request_.database, request_.lock_patience, call_);
    if (!lock.ok()) return lock.status();
    lock_ = *std::move(lock);
    const auto before = FindLoaded(*lock_, fresh_, request_.backup.file, call_);
    if (!before.ok()) return before.status();
    if (before->whole) return absl::OkStatus();
    absl::Status status = Prepare();
    if (!status.ok()) return status;
    status = MakeFresh();
    if (status.ok()) status = Fill();
    return status.ok() ? status : ClearedUp(std::move(status));
  }

 private:
  void Tell(LoadPhase phase, int64_t bytes) const {
    if (progress_) progress_(phase, bytes);
  }

  // Nothing is changed by it but what an earlier one left.
  absl::Status Prepare() {
    Tell(LoadPhase::kChecking, 0);
    absl::Status status = RemoveRestoreLeftovers(*lock_, request_.database, call_);
    if (!status.ok()) return status;
    auto target = FindRestoreTarget(*lock_, request_.database, call_);
    if (!target.ok()) return target.status();
    target_ = *std::move(target);
    status = CheckForHolds(*lock_, request_.database, call_);
    if (status.ok()) {
      status = CheckForSessions(*lock_, request_.database, request_.app_role,
                                request_.sessions_patience, call_);
    }
    if (!status.ok()) return status;
    return VerifyBackup(call_, tools_, request_.directory, request_.backup,
                        [this](BackupPhase, int64_t bytes) { Tell(LoadPhase::kVerifying, bytes); });
  }

  absl::Status MakeFresh() {
    const auto made = lock_->Query(CreateLike(target_, fresh_), call_);
    if (!made.ok()) return ServerFailure("no fresh database can be made", made.status());
    const auto found = FindLoaded(*lock_, fresh_, request_.backup.file, call_);
    if (!found.ok()) return found.status();
    made_oid_ = found->oid;
    return absl::OkStatus();
  }

  absl::Status Fill() {
    absl::Status status = ReadIn();
    if (!status.ok()) return status;
    Tell(LoadPhase::kSettling, 0);
    status = Settle();
    if (!status.ok()) return status;
    status = StayAlone();
    if (!status.ok()) return status;
    return MarkWhole(*lock_, fresh_, request_.backup.file, call_);
  }

  // The session that has the lock was idle all the time, and may have been ended: another restore
  // may have removed, even made anew meanwhile what was loaded.
  absl::Status StayAlone() {
    const absl::Status there = lock_->Query("SELECT", call_).status();
    if (!there.ok() && !IsLost(there)) return ServerFailure("the server does not answer", there);
    if (!there.ok()) {
      lock_.reset();
      auto again = LockRestores(connect_, request_.database, request_.lock_patience, call_);
      if (!again.ok()) return again.status();
      lock_ = *std::move(again);
    }
    const auto found = FindLoaded(*lock_, fresh_, request_.backup.file, call_);
    if (!found.ok()) return found.status();
    if (found->exists && found->oid == made_oid_) return absl::OkStatus();
    return ArchiveFailureStatus(
        {ArchiveReason::kLoadedGone,
         absl::StrCat("the fresh database ", fresh_, " is not the one any more that was loaded"),
         "the session that kept other restores away was lost meanwhile", "restore again"});
  }

  absl::Status ReadIn() const {
    const auto archive =
        ArchiveFile::Open(BackupDirectory(request_.directory).File(request_.backup.file));
    if (!archive.ok()) return archive.status();
    ToolRun run{.tool = PostgresTool::kRestore,
                .arguments = {"--exit-on-error", "--no-password",
                              absl::StrCat("--dbname=dbname=", QuotedValue(fresh_))},
                .environment = request_.environment,
                .input = archive->descriptor(),
                .progress = [&] { Tell(LoadPhase::kLoading, archive->position_bytes()); }};
    run.environment["PGDATABASE"] = fresh_;
    return RunTool(call_, tools_, run, absl::StrCat("the restore of ", request_.database));
  }

  // A backup has no statistics: without them the first queries would be slow. A turn in its ledger
  // is of a migration that did not run on this database: nobody would ever end it.
  absl::Status Settle() const {
    const auto inside = connect_(fresh_, call_);
    if (!inside.ok()) return ServerFailure("the restored database refuses us", inside.status());
    const auto analyzed = (*inside)->Query("ANALYZE", call_);
    if (!analyzed.ok()) {
      return ServerFailure("the restored database cannot be analyzed", analyzed.status());
    }
    const absl::Status ended = SupersedeAllMigrations(**inside, call_);
    if (ended.ok()) return ended;
    return ServerFailure("the turns of migrations in the restored database cannot be ended", ended);
  }

  // What has failed, with nothing of the fresh one left, or the reason why not.
  absl::Status ClearedUp(absl::Status status) const {
    const Call call = Call().Within(kClearPatience);
    const auto connection = ConnectBeside(connect_, request_.database, call);
    const absl::Status dropped =
        connection.ok() ? DropDatabase(**connection, fresh_, call) : connection.status();
    if (dropped.ok()) return status;
    auto failure = ArchiveFailureOf(status);
    if (!failure.has_value()) return status;
    absl::StrAppend(&failure->evidence, failure->evidence.empty() ? "" : "\n", dropped.message());
    return ArchiveFailureStatus(*failure);
  }

  const Call& call_;
  ToolRunner& tools_;
  const DatabaseConnector& connect_;
  const LoadRequest& request_;
  const LoadProgress& progress_;
  const std::string fresh_;
  std::unique_ptr<Connection> lock_;
  RestoreTarget target_;
  std::string made_oid_;  // of the fresh one
};

}  // namespace

absl::Status LoadBackup(const Call& call, ToolRunner& tools, const DatabaseConnector& connect,
                        const LoadRequest& request, const LoadProgress& progress) {
  return Load(call, tools, connect, request, progress).Run();
}

}  // namespace davit::database
