#include "worker/steps/database/migration/turn.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/steps/database/migration/environment.h"
#include "worker/steps/database/migration/sessions.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using database::BeginOutcome;
using database::LedgerClaim;
using database::LedgerState;

constexpr absl::Duration kAskFirst = absl::Milliseconds(100);
constexpr absl::Duration kAskSlowest = absl::Seconds(1);
// A swap ends the sessions of the database, and lets in nobody for as long as that takes.
constexpr absl::Duration kAwayPatience = absl::Seconds(60);
constexpr absl::Duration kDeadSessionsEnd = absl::Seconds(20);
// What apps do over sessions that are as young is over by then.
constexpr absl::Duration kOthersEnd = absl::Seconds(5);

// Lost, or a database that lets nobody in at the moment.
bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || database::SqlState(status) == "55000" ||
         database::SqlState(status) == "57P01";
}

}  // namespace

MigrationTurn::MigrationTurn(KeptSession* session, TurnHolder holder, LedgerClaim claim)
    : session_(session), judge_(std::move(holder)), claim_(std::move(claim)) {}

absl::Status MigrationTurn::Take(absl::Duration patience, const Call& call,
                                 StepReporter& reporter) {
  const absl::Time until = SteadyNow() + std::min(patience, call.Remaining());
  absl::Duration pause = kAskFirst;
  for (;;) {
    absl::Status status = AfterTry(TryOnce(call, reporter), until - pause);
    if (!status.ok() || taken_) return status;
    // A restore ends the sessions of what it replaces, and who waits begins in the new one.
    session_->Close();
    status = call.Wait(pause);
    if (absl::IsDeadlineExceeded(status)) return Held();
    if (!status.ok()) return status;
    pause = std::min(pause * 1.5, kAskSlowest);
  }
}

// OK: it is ours, or is asked for again.
absl::Status MigrationTurn::AfterTry(absl::Status tried, absl::Time until) {
  if (taken_) return absl::OkStatus();
  const absl::Time now = SteadyNow();
  if (absl::IsDeadlineExceeded(tried) && holder_.has_value()) return Held();
  if (!IsAway(tried)) {
    away_since_ = absl::InfiniteFuture();
    if (!tried.ok()) return tried;
    return now >= until ? Held() : absl::OkStatus();
  }
  away_since_ = std::min(away_since_, now);
  if (now < std::min(until, away_since_ + kAwayPatience)) return absl::OkStatus();
  return session_->database().FailureFor(tried);
}

absl::Status MigrationTurn::TryOnce(const Call& call, StepReporter& reporter) {
  const auto connection = session_->Get(call);
  if (!connection.ok()) {
    return IsAway(connection.status()) ? connection.status()
                                       : session_->database().FailureFor(connection.status());
  }
  const auto begun = BeginMigration(**connection, claim_, call);
  if (!begun.ok()) {
    return IsAway(begun.status()) ? begun.status() : judge_.FailureOfLedger(begun.status());
  }
  const bool mine = begun->outcome != BeginOutcome::kHeldBy;
  taken_ = mine && begun->entry.state == LedgerState::kRunning;
  if (taken_) return absl::OkStatus();
  if (mine) {
    return FailureStatus(v1::MIGRATION_HELD, absl::StrCat("database ", session_->database().name(),
                                                          ": another deployment took ",
                                                          "this one's place before it had begun"));
  }
  holder_ = begun->entry;
  left_.clear();
  v1::StepProgress progress;
  progress.set_phase(CleanText(absl::StrCat("waits for its turn: ", HolderSentence(*holder_))));
  reporter.Progress(std::move(progress));
  if (!judge_.IsProvenDead(*holder_, **connection, claim_.IsRestore(), call)) {
    return absl::OkStatus();
  }
  return Supersede(**connection, call, reporter);
}

// Its sessions may go on although its container has ended.
absl::StatusOr<bool> MigrationTurn::HasSessions(database::Connection& connection, const Call& call,
                                                StepReporter& reporter) {
  const absl::Time now = absl::Now();
  const MigrationClient client = {.name = SessionNameOf(holder_->claim.container),
                                  .addresses = {},
                                  .started = now - holder_->age,
                                  .ended = now - kOthersEnd};
  const absl::Status ended = EndSessions(connection, client, call.Within(kDeadSessionsEnd));
  if (absl::IsDeadlineExceeded(ended)) return true;
  if (IsAway(ended)) return ended;
  const auto left = DoubtfulSessions(connection, client, call.Within(kAskSlowest));
  if (!left.ok()) return left.status();
  left_ = *left;
  if (left_.empty()) return false;
  v1::StepProgress progress;
  progress.set_phase(absl::StrCat("waits for its turn: ", left_.front()));
  reporter.Progress(std::move(progress));
  return true;
}

absl::Status MigrationTurn::Supersede(database::Connection& connection, const Call& call,
                                      StepReporter& reporter) {
  if (!holder_->claim.IsRestore() && !claim_.IsRestore()) {
    const auto has_sessions = HasSessions(connection, call, reporter);
    if (!has_sessions.ok()) {
      return IsAway(has_sessions.status()) ? has_sessions.status()
                                           : judge_.FailureOfLedger(has_sessions.status());
    }
    if (*has_sessions) return absl::OkStatus();
  }
  const absl::Status superseded = SupersedeMigration(connection, *holder_, call);
  // Who did it, or ended meanwhile, is found out by beginning again.
  if (superseded.ok() || absl::IsAborted(superseded)) return absl::OkStatus();
  return IsAway(superseded) ? superseded : judge_.FailureOfLedger(superseded);
}

absl::StatusOr<bool> MigrationTurn::End(LedgerState state, const Call& call) const {
  const auto connection = session_->Get(call);
  if (!connection.ok()) return session_->database().FailureFor(connection.status());
  return EndOver(**connection, state, call);
}

absl::StatusOr<bool> MigrationTurn::EndOver(database::Connection& connection, LedgerState state,
                                            const Call& call) const {
  // Read anew: a worker that was restarted has not begun it.
  const auto begun = BeginMigration(connection, claim_, call);
  if (!begun.ok()) return judge_.FailureOfLedger(begun.status());
  if (begun->outcome == BeginOutcome::kHeldBy || begun->entry.state == LedgerState::kSuperseded) {
    return false;
  }
  if (begun->entry.state != LedgerState::kRunning) return true;
  const absl::Status ended = FinishMigration(connection, begun->entry, state, call);
  if (absl::IsAborted(ended)) return false;
  if (!ended.ok()) return judge_.FailureOfLedger(ended);
  return true;
}

absl::Status MigrationTurn::Held() const {
  if (!holder_.has_value()) return absl::DeadlineExceededError("the ledger did not answer in time");
  return judge_.Held(*holder_, left_);
}

}  // namespace davit::steps
