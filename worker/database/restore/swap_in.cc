#include "worker/database/restore/swap_in.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/restore/database_swap.h"
#include "worker/database/restore/loaded_database.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/restore/restore_target.h"
#include "worker/database/restore/swap_obstacles.h"

namespace davit::database {
namespace {

// Between two tries to reach a server that was lost in a swap.
constexpr absl::Duration kReturnPause = absl::Milliseconds(250);

absl::StatusOr<bool> IsThere(Connection& connection, const std::string& database,
                             const Call& call) {
  const auto found =
      connection.Query("SELECT FROM pg_database WHERE datname = $1", {database}, call);
  if (!found.ok()) return ServerFailure("the databases cannot be looked up", found.status());
  return !found->rows.empty();
}

// One swap, its steps in order.
class Swap {
 public:
  Swap(const Call& call, const DatabaseConnector& connect, const SwapRequest& request)
      : call_(call),
        connect_(connect),
        request_(request),
        names_{request.database, RestoringName(request.database, request.key),
               BeforeName(request.database, request.begun)} {}

  absl::StatusOr<SwapResult> Run() {
    // By this session the swap itself is made, so that nobody else has the lock before it ends.
    auto connection = Lock();
    if (!connection.ok()) return connection.status();
    const auto done = WasDone(**connection);
    if (!done.ok()) return done.status();
    if (*done) return Result();
    absl::Status status = Prepare(**connection);
    if (status.ok() && request_.before_swap) status = request_.before_swap();
    if (!status.ok()) return status;
    status = SwapDatabases(**connection, names_, request_.patience, call_);
    if (status.ok()) return Result();
    connection->reset();
    return PutRight(std::move(status));
  }

 private:
  // What ended the worker may have ended the server, too: whoever resumes waits for it.
  absl::StatusOr<std::unique_ptr<Connection>> Lock() const {
    const Call waiting = call_.Within(request_.return_patience);
    while (true) {
      auto locked = LockRestores(connect_, request_.database, request_.lock_patience, call_);
      const bool away = IsArchiveFailure(locked.status(), ArchiveReason::kServer);
      if (!request_.resumed || !away || !waiting.Wait(kReturnPause).ok()) return locked;
    }
  }

  SwapResult Result() const { return {.before = names_.before, .left_out = left_out_}; }

  // The old database has that name, and the fresh one not its own, only since the swap.
  absl::StatusOr<bool> WasDone(Connection& connection) const {
    if (!request_.resumed) return false;
    const auto before = IsThere(connection, names_.before, call_);
    if (!before.ok() || !*before) return before;
    const auto fresh = IsThere(connection, names_.fresh, call_);
    if (!fresh.ok()) return fresh;
    return !*fresh;
  }

  // Nothing is changed by it but the fresh one.
  absl::Status Prepare(Connection& connection) {
    auto loaded = FindLoaded(connection, names_.fresh, request_.file, call_);
    if (!loaded.ok()) return loaded.status();
    loaded_ = *std::move(loaded);
    if (!loaded_.whole) return Gone();
    if (request_.resumed) {
      absl::Status allowed = AllowConnections(connection, request_.database, call_);
      if (!allowed.ok()) return allowed;
    }
    const auto target = FindRestoreTarget(connection, request_.database, call_);
    if (!target.ok()) return target.status();
    absl::Status status = CheckForHolds(connection, request_.database, call_);
    if (status.ok()) status = HandOver(connection, target->owner);
    if (!status.ok()) return status;
    auto left_out = CarrySettingsOver(connection, *target, names_.fresh, call_);
    if (!left_out.ok()) return left_out.status();
    left_out_ = *std::move(left_out);
    return absl::OkStatus();
  }

  absl::Status Gone() const {
    return ArchiveFailureStatus(
        {ArchiveReason::kLoadedGone,
         absl::StrCat("what was loaded to take the place of ", names_.database,
                      loaded_.exists ? " is not whole" : " is not there any more"),
         absl::StrCat(
             loaded_.exists ? "only a part of the backup is in " : "the server has no database ",
             names_.fresh),
         "restore again, when nobody else does"});
  }

  absl::Status HandOver(Connection& connection, const std::string& owner) const {
    if (loaded_.owner == owner) return absl::OkStatus();
    const auto changed =
        connection.Query(absl::StrCat("ALTER DATABASE ", QuotedIdentifier(names_.fresh),
                                      " OWNER TO ", QuotedIdentifier(owner)),
                         call_);
    if (changed.ok()) return absl::OkStatus();
    return ServerFailure(absl::StrCat("the fresh database cannot be given to ", owner),
                         changed.status());
  }

  // Waits for the server where that is started again; a swap that it is still at ends before.
  absl::StatusOr<SwapResult> PutRight(absl::Status status) {
    const Call call = Call().Within(request_.return_patience);
    while (true) {
      const auto swapped = TryToPutRight(call);
      if (swapped.ok() && *swapped) return Result();
      if (swapped.ok()) return status;
      if (IsArchiveFailure(swapped.status(), ArchiveReason::kBusy) ||
          !call.Wait(kReturnPause).ok()) {
        return Unknown(status, swapped.status());
      }
    }
  }

  // Looks what is the case first: the swap may have been done when the connection broke.
  absl::StatusOr<bool> TryToPutRight(const Call& call) {
    const auto connection =
        LockRestores(connect_, request_.database, request_.return_patience, call);
    if (!connection.ok()) return connection.status();
    const auto swapped = IsSwapped(**connection, request_.database, loaded_.oid, call);
    if (!swapped.ok() || *swapped) return swapped;
    closed_ = true;
    absl::Status allowed = AllowConnections(**connection, request_.database, call);
    if (!allowed.ok()) return allowed;
    return false;
  }

  absl::Status Unknown(const absl::Status& status, const absl::Status& then) const {
    ArchiveFailure failure = ArchiveFailureOf(status).value_or(ArchiveFailure{});
    failure.reason = ArchiveReason::kOutcomeUnknown;
    failure.sentence =
        closed_ ? absl::StrCat("the database ", names_.database,
                               " is the one of before, and lets nobody in: connections to it "
                               "could not be allowed again")
                : absl::StrCat("nobody knows whether the backup is in the place of ",
                               names_.database, ", nor whether that is in service");
    absl::StrAppend(&failure.evidence, "\nand then: ", then.message());
    const std::string allow = absl::StrCat("`ALTER DATABASE ", QuotedIdentifier(names_.database),
                                           " ALLOW_CONNECTIONS true`");
    failure.advice = closed_
                         ? absl::StrCat("allow them with ", allow,
                                        " in the database postgres, and restore "
                                        "again")
                         : absl::StrCat(
                               "when the server answers: the backup is in its place if there is a "
                               "database ",
                               names_.before, "; if not, allow connections again with ", allow,
                               " and restore again");
    return ArchiveFailureStatus(failure);
  }

  const Call& call_;
  const DatabaseConnector& connect_;
  const SwapRequest& request_;
  const SwapNames names_;
  LoadedDatabase loaded_;
  std::vector<std::string> left_out_;  // settings
  bool closed_ = false;  // the old one was seen after the swap failed: nobody may be let in
};

}  // namespace

absl::StatusOr<SwapResult> SwapIn(const Call& call, const DatabaseConnector& connect,
                                  const SwapRequest& request) {
  return Swap(call, connect, request).Run();
}

}  // namespace davit::database
