#include "worker/database/load_backup.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/database/archive.h"
#include "worker/database/archive_failure.h"
#include "worker/database/backup.h"
#include "worker/database/backup_directory.h"
#include "worker/database/loaded_database.h"
#include "worker/database/restore_lock.h"
#include "worker/database/restore_target.h"

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
    const auto lock = LockRestores(connect_, request_.database, request_.lock_patience, call_);
    if (!lock.ok()) return lock.status();
    const auto before = FindLoaded(**lock, fresh_, request_.backup.file, call_);
    if (!before.ok()) return before.status();
    if (before->whole) return absl::OkStatus();
    absl::Status status = Prepare(**lock);
    if (!status.ok()) return status;
    status = MakeFresh(**lock);
    if (status.ok()) status = Fill();
    return status.ok() ? status : ClearedUp(std::move(status));
  }

 private:
  void Tell(LoadPhase phase, int64_t bytes) const {
    if (progress_) progress_(phase, bytes);
  }

  // Nothing is changed by it but what an earlier one left.
  absl::Status Prepare(Connection& connection) {
    Tell(LoadPhase::kChecking, 0);
    absl::Status status = RemoveRestoreLeftovers(connection, request_.database, call_);
    if (!status.ok()) return status;
    auto target = FindRestoreTarget(connection, request_.database, call_);
    if (!target.ok()) return target.status();
    target_ = *std::move(target);
    return VerifyBackup(call_, tools_, request_.directory, request_.backup,
                        [this](BackupPhase, int64_t bytes) { Tell(LoadPhase::kVerifying, bytes); });
  }

  absl::Status MakeFresh(Connection& connection) const {
    const auto made = connection.Query(CreateLike(target_, fresh_), call_);
    if (made.ok()) return absl::OkStatus();
    return ServerFailure("no fresh database can be made", made.status());
  }

  absl::Status Fill() const {
    absl::Status status = ReadIn();
    if (!status.ok()) return status;
    Tell(LoadPhase::kSettling, 0);
    status = Analyze();
    if (!status.ok()) return status;
    // The first connection may have been idle for an hour.
    const auto connection = ConnectBeside(connect_, request_.database, call_);
    if (!connection.ok()) return connection.status();
    return MarkWhole(**connection, fresh_, request_.backup.file, call_);
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

  // A backup has no statistics: without them the first queries would be slow.
  absl::Status Analyze() const {
    const auto inside = connect_(fresh_, call_);
    if (!inside.ok()) return ServerFailure("the restored database refuses us", inside.status());
    const auto analyzed = (*inside)->Query("ANALYZE", call_);
    if (analyzed.ok()) return absl::OkStatus();
    return ServerFailure("the restored database cannot be analyzed", analyzed.status());
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
  RestoreTarget target_;
};

}  // namespace

absl::Status LoadBackup(const Call& call, ToolRunner& tools, const DatabaseConnector& connect,
                        const LoadRequest& request, const LoadProgress& progress) {
  return Load(call, tools, connect, request, progress).Run();
}

absl::StatusOr<bool> DropLoaded(const Call& call, const DatabaseConnector& connect,
                                const std::string& database, const std::string& key,
                                absl::Duration lock_patience) {
  const std::string fresh = RestoringName(database, key);
  // A swap or a load of a worker that was killed may still be going on. Past that it is
  // dropped without the lock: no other restore has anything to do with the name.
  const auto lock = LockRestores(connect, database, lock_patience, call);
  const auto failure = ArchiveFailureOf(lock.status());
  const bool busy = failure.has_value() && failure->reason == ArchiveReason::kBusy;
  if (!lock.ok() && !busy) return lock.status();
  const auto connection = ConnectBeside(connect, database, call);
  if (!connection.ok()) return connection.status();
  const auto loaded = FindLoaded(**connection, fresh, /*file=*/"", call);
  if (!loaded.ok()) return loaded.status();
  if (!loaded->exists) return false;
  absl::Status status = busy ? absl::OkStatus() : AllowConnections(**connection, database, call);
  if (status.ok()) status = DropDatabase(**connection, fresh, call);
  if (!status.ok()) return status;
  return true;
}

}  // namespace davit::database
