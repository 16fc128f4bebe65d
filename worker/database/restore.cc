#include "worker/database/restore.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/database/archive.h"
#include "worker/database/archive_failure.h"
#include "worker/database/backup.h"
#include "worker/database/backup_directory.h"
#include "worker/database/restore_target.h"

namespace davit::database {
namespace {

// To put things right after the call has ended.
constexpr absl::Duration kUndoPatience = absl::Seconds(60);

// Held by a session, so that it goes with whoever has it.
absl::Status LockRestores(Connection& connection, const std::string& database, const Call& call) {
  const auto locked = connection.Query(
      "SELECT pg_try_advisory_lock(hashtext('davit.restore'), hashtext($1))", {database}, call);
  if (!locked.ok()) return ServerFailure("the database cannot be locked", locked.status());
  if (locked->Text(0, 0) == "t") return absl::OkStatus();
  return ArchiveFailureStatus({ArchiveReason::kBusy,
                               absl::StrCat("another restore of ", database, " is under way"), "",
                               "wait for it to end"});
}

// One restore, its steps in order.
class Restoration {
 public:
  Restoration(const Call& call, ToolRunner& tools, const DatabaseConnector& connect,
              const Clock& clock, const RestoreRequest& request, const RestoreProgress& progress)
      : call_(call),
        tools_(tools),
        connect_(connect),
        request_(request),
        progress_(progress),
        names_{request.database, RestoringName(request.database, clock.Now()),
               BeforeName(request.database, clock.Now())} {}

  absl::StatusOr<RestoreResult> Run() {
    auto lock = ConnectBeside(connect_, request_.database, call_);
    if (!lock.ok()) return lock.status();
    absl::Status status = LockRestores(**lock, request_.database, call_);
    if (status.ok()) status = Prepare(**lock);
    if (!status.ok()) return status;
    status = MakeFresh(**lock);
    if (status.ok()) status = Fill();
    if (status.ok()) status = Swap();
    if (!status.ok()) return Undo(std::move(status));
    return RestoreResult{names_.before};
  }

 private:
  void Tell(RestorePhase phase, int64_t bytes) const {
    if (progress_) progress_(phase, bytes);
  }

  // Nothing is changed by it but what an earlier one left.
  absl::Status Prepare(Connection& connection) {
    Tell(RestorePhase::kChecking, 0);
    absl::Status status = RemoveRestoreLeftovers(connection, request_.database, call_);
    if (!status.ok()) return status;
    auto target = FindRestoreTarget(connection, request_.database, call_);
    if (!target.ok()) return target.status();
    target_ = *std::move(target);
    return VerifyBackup(
        call_, tools_, request_.directory, request_.backup,
        [this](BackupPhase, int64_t bytes) { Tell(RestorePhase::kVerifying, bytes); });
  }

  absl::Status MakeFresh(Connection& connection) {
    const auto made = connection.Query(CreateLike(target_, names_.fresh), call_);
    if (!made.ok()) return ServerFailure("no fresh database can be made", made.status());
    const auto oid =
        connection.Query("SELECT oid FROM pg_database WHERE datname = $1", {names_.fresh}, call_);
    if (!oid.ok()) return ServerFailure("the fresh database cannot be looked up", oid.status());
    fresh_oid_ = oid->Text(0, 0);
    return absl::OkStatus();
  }

  absl::Status Fill() {
    if (absl::Status loaded = Load(); !loaded.ok()) return loaded;
    Tell(RestorePhase::kSettling, 0);
    return Analyze();
  }

  absl::Status Load() {
    const auto archive =
        ArchiveFile::Open(BackupDirectory(request_.directory).File(request_.backup.file));
    if (!archive.ok()) return archive.status();
    ToolRun run{.tool = PostgresTool::kRestore,
                .arguments = {"--exit-on-error", "--no-password",
                              absl::StrCat("--dbname=dbname=", QuotedValue(names_.fresh))},
                .environment = request_.environment,
                .input = archive->descriptor(),
                .progress = [&] { Tell(RestorePhase::kLoading, archive->position_bytes()); }};
    run.environment["PGDATABASE"] = names_.fresh;
    return RunTool(call_, tools_, run, absl::StrCat("the restore of ", request_.database));
  }

  // As libpq's connection strings have it.
  static std::string QuotedValue(const std::string& value) {
    std::string quoted = "'";
    for (const char c : value) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + "'";
  }

  // A backup has no statistics: without them the first queries would be slow.
  absl::Status Analyze() {
    const auto inside = connect_(names_.fresh, call_);
    if (!inside.ok()) return ServerFailure("the restored database refuses us", inside.status());
    const auto analyzed = (*inside)->Query("ANALYZE", call_);
    if (analyzed.ok()) return absl::OkStatus();
    return ServerFailure("the restored database cannot be analyzed", analyzed.status());
  }

  absl::Status Swap() {
    // The first connection may have been idle for an hour.
    const auto connection = ConnectBeside(connect_, request_.database, call_);
    if (!connection.ok()) return connection.status();
    absl::Status status = CarrySettingsOver(**connection, target_, names_.fresh, call_);
    if (!status.ok()) return status;
    Tell(RestorePhase::kSwapping, 0);
    return SwapDatabases(**connection, names_, request_.swap_patience, call_);
  }

  // Looks what is the case first: the swap may have been done when the connection broke.
  absl::StatusOr<RestoreResult> Undo(absl::Status status) const {
    const Call call = Call().Within(kUndoPatience);
    const auto connection = ConnectBeside(connect_, request_.database, call);
    if (!connection.ok()) return WithoutUndo(status, connection.status());
    if (!fresh_oid_.empty()) {
      const auto swapped = IsSwapped(**connection, request_.database, fresh_oid_, call);
      if (swapped.ok() && *swapped) return RestoreResult{names_.before};
    }
    const absl::Status undone = RemoveRestoreLeftovers(**connection, request_.database, call);
    if (!undone.ok()) return WithoutUndo(status, undone);
    return status;
  }

  absl::Status WithoutUndo(const absl::Status& status, const absl::Status& undone) const {
    ArchiveFailure failure = ArchiveFailureOf(status).value_or(ArchiveFailure{});
    failure.reason = ArchiveReason::kOutcomeUnknown;
    absl::StrAppend(&failure.evidence, "; and then: ", undone.message());
    failure.advice = absl::StrCat("when the server answers, restore again: that removes ",
                                  names_.fresh, " and allows connections to ", names_.database);
    return ArchiveFailureStatus(failure);
  }

  const Call& call_;
  ToolRunner& tools_;
  const DatabaseConnector& connect_;
  const RestoreRequest& request_;
  const RestoreProgress& progress_;
  const SwapNames names_;
  RestoreTarget target_;
  std::string fresh_oid_;
};

}  // namespace

absl::StatusOr<RestoreResult> RestoreBackup(const Call& call, ToolRunner& tools,
                                            const DatabaseConnector& connect, const Clock& clock,
                                            const RestoreRequest& request,
                                            const RestoreProgress& progress) {
  return Restoration(call, tools, connect, clock, request, progress).Run();
}

absl::Status RepairRestore(const Call& call, const DatabaseConnector& connect,
                           const std::string& database) {
  const auto connection = ConnectBeside(connect, database, call);
  if (!connection.ok()) return connection.status();
  absl::Status locked = LockRestores(**connection, database, call);
  if (!locked.ok()) return locked;
  return RemoveRestoreLeftovers(**connection, database, call);
}

}  // namespace davit::database
