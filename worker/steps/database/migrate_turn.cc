#include "worker/steps/database/migrate_turn.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/steps/clean_text.h"
#include "worker/steps/container_lookup.h"
#include "worker/steps/one_off_record.h"

namespace davit::steps {
namespace {

using database::BeginOutcome;
using database::LedgerClaim;
using database::LedgerEntry;
using database::LedgerState;

constexpr absl::Duration kAskFirst = absl::Milliseconds(100);
constexpr absl::Duration kAskSlowest = absl::Seconds(1);
// Another worker's migration is over for us once it has had time to compare.
constexpr absl::Duration kComparing = absl::Seconds(90);
constexpr size_t kEngineIdShown = 14;

bool HasEnded(const docker::ContainerDetails& container) {
  const std::string& state = container.observed.state();
  return WasStarted(container) && (state == "exited" || state == "dead");
}

bool IsOfWorker(const docker::ContainerDetails& container, const std::string& state_directory) {
  const auto& labels = container.observed.labels();
  const auto label = labels.find(kOneOffLabel);
  return label != labels.end() && label->second == state_directory;
}

std::pair<std::string, std::string> StepOf(const LedgerClaim& claim) {
  return {claim.deployment, claim.step};
}

}  // namespace

void RunningMigrations::Add(const LedgerClaim& claim) {
  absl::MutexLock lock(&mutex_);
  steps_.insert(StepOf(claim));
}

void RunningMigrations::Remove(const LedgerClaim& claim) {
  absl::MutexLock lock(&mutex_);
  steps_.erase(StepOf(claim));
}

bool RunningMigrations::Has(const LedgerClaim& claim) const {
  absl::MutexLock lock(&mutex_);
  return steps_.contains(StepOf(claim));
}

absl::StatusOr<std::string> HostAndEngine(const std::string& host, docker::Engine& engine,
                                          const Call& call) {
  const auto info = engine.RecentInfo(call);
  if (!info.ok()) return info.status();
  return absl::StrCat(host, ", engine ", info->id.substr(0, kEngineIdShown));
}

MigrationTurn::MigrationTurn(const StepDatabase* database, docker::Engine* engine,
                             const RunningMigrations* running, std::string state_directory,
                             LedgerClaim claim)
    : database_(database),
      engine_(engine),
      running_(running),
      state_directory_(std::move(state_directory)),
      claim_(std::move(claim)) {}

absl::Status MigrationTurn::Take(absl::Duration patience, const Call& call,
                                 StepReporter& reporter) {
  const absl::Time until = SteadyNow() + std::min(patience, call.Remaining());
  absl::Duration pause = kAskFirst;
  for (;;) {
    bool mine = false;
    absl::Status status = TryOnce(call, reporter, mine);
    if (absl::IsDeadlineExceeded(status) && holder_.has_value()) return Held();
    if (!status.ok() || mine) return status;
    if (SteadyNow() + pause >= until) return Held();
    if (status = call.Wait(pause); !status.ok()) {
      return absl::IsDeadlineExceeded(status) ? Held() : status;
    }
    pause = std::min(pause * 1.5, kAskSlowest);
  }
}

absl::Status MigrationTurn::TryOnce(const Call& call, StepReporter& reporter, bool& mine) {
  const auto begun = Begin(call);
  if (!begun.ok()) return begun.status();
  mine = begun->outcome != BeginOutcome::kHeldBy;
  taken_ = mine && begun->entry.state == LedgerState::kRunning;
  if (taken_) return absl::OkStatus();
  if (mine) {
    return FailureStatus(v1::MIGRATION_HELD,
                         absl::StrCat("database ", database_->name(), ": another deployment took ",
                                      "this migration's place before it had begun"));
  }
  holder_ = begun->entry;
  v1::StepProgress progress;
  progress.set_phase(absl::StrCat("waits for its turn: ", HolderSentence(*holder_)));
  reporter.Progress(std::move(progress));
  if (!IsProvenDead(*holder_, call)) return absl::OkStatus();
  auto connection = database_->Open({}, call);
  if (!connection.ok()) return connection.status();
  const absl::Status superseded = SupersedeMigration(**connection, *holder_, call);
  // Who did it, or ended meanwhile, is found out by beginning again.
  return absl::IsAborted(superseded) ? absl::OkStatus() : FailureOfLedger(superseded);
}

absl::StatusOr<database::BeginResult> MigrationTurn::Begin(const Call& call) const {
  auto connection = database_->Open({}, call);
  if (!connection.ok()) return connection.status();
  auto begun = BeginMigration(**connection, claim_, call);
  if (!begun.ok()) return FailureOfLedger(begun.status());
  return begun;
}

// That nobody knows a container proves that it is gone, as it is made before its turn
// is taken. One that is made and not started may start yet.
bool MigrationTurn::IsProvenDead(const LedgerEntry& holder, const Call& call) const {
  if (holder.claim.host != claim_.host || running_->Has(holder.claim)) return false;
  const auto found = FindContainer(*engine_, holder.claim.container, call);
  if (!found.ok()) return false;
  if (!found->has_value()) return true;
  if (!HasEnded(**found)) return false;
  return IsOfWorker(**found, state_directory_) || (*found)->finished_at < absl::Now() - kComparing;
}

absl::StatusOr<bool> MigrationTurn::End(LedgerState state, const Call& call) const {
  const auto connection = database_->Open({}, call);
  if (!connection.ok()) return connection.status();
  // Read anew: a worker that was restarted has not begun it.
  const auto begun = BeginMigration(**connection, claim_, call);
  if (!begun.ok()) return FailureOfLedger(begun.status());
  if (begun->outcome == BeginOutcome::kHeldBy || begun->entry.state == LedgerState::kSuperseded) {
    return false;
  }
  if (begun->entry.state != LedgerState::kRunning) return true;
  const absl::Status ended = FinishMigration(**connection, begun->entry, state, call);
  if (absl::IsAborted(ended)) return false;
  if (!ended.ok()) return FailureOfLedger(ended);
  return true;
}

absl::Status MigrationTurn::Held() const {
  if (!holder_.has_value()) return absl::DeadlineExceededError("the ledger did not answer in time");
  v1::Failure failure = MakeFailure(
      v1::MIGRATION_HELD,
      absl::StrCat("database ", database_->name(), " is being migrated by another deployment"),
      {HolderSentence(*holder_)});
  failure.set_next_command(absl::StrCat(
      "wait for that one, then deploy again; where its host is lost for good and that container "
      "runs nowhere any more, end its turn in the database: ",
      CleanText(StatementToEnd(*holder_))));
  return FailureStatus(failure);
}

absl::Status MigrationTurn::FailureOfLedger(const absl::Status& status) const {
  if (status.ok() || absl::IsCancelled(status) || absl::IsDeadlineExceeded(status)) return status;
  if (absl::IsPermissionDenied(status)) {
    v1::Failure failure = MakeFailure(
        v1::DATABASE_DENIED,
        absl::StrCat("database ", database_->name(), " cannot be migrated: ", status.message()));
    failure.set_likely_cause("the user of the URL may not create what Davit needs there");
    failure.set_next_command("let an administrator run that statement, then deploy again");
    return FailureStatus(failure);
  }
  return FailureStatus(v1::DATABASE_UNREACHABLE,
                       absl::StrCat("database ", database_->name(),
                                    ": the ledger of its migrations could not be written"),
                       {std::string(status.message())});
}

}  // namespace davit::steps
