#include "worker/steps/database/migration/turn_holder.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "worker/database/restore/restore_lock.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/one_off/container.h"
#include "worker/steps/one_off/record.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using database::LedgerEntry;

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

// As a claim's host ends.
absl::StatusOr<std::string> EngineText(docker::Engine& engine, const Call& call) {
  const auto info = engine.RecentInfo(call);
  if (!info.ok()) return info.status();
  return absl::StrCat(", engine ", info->id.substr(0, kEngineIdShown));
}

std::string WaysOut(const LedgerEntry& holder, bool runs_here) {
  const std::string statement = CleanText(StatementToEnd(holder));
  if (holder.claim.IsRestore()) {
    return absl::StrCat(
        "wait for that one, then do this again; where its host is lost for good, end its turn in "
        "the database: ",
        statement);
  }
  const std::string wait =
      runs_here ? absl::StrCat("wait for that one, or end it on this host with `docker kill ",
                               CleanText(holder.claim.container), "`, then do this again; ")
                : "wait for that one, then do this again; ";
  return absl::StrCat(wait,
                      "where its host is lost for good and that container runs nowhere any more, "
                      "end its turn in the database: ",
                      statement);
}

}  // namespace

absl::StatusOr<std::string> HostAndEngine(const std::string& host, docker::Engine& engine,
                                          const Call& call) {
  const auto text = EngineText(engine, call);
  if (!text.ok()) return text.status();
  return absl::StrCat(host, *text);
}

bool TurnHolder::IsOnThisEngine(const LedgerEntry& holder, const Call& call) const {
  if (!host_.empty()) return holder.claim.host == host_;
  const auto text = EngineText(*engine_, call);
  return text.ok() && absl::EndsWith(holder.claim.host, *text);
}

// That nobody knows a container proves that it is gone, as it is made before its turn
// is taken. One that is made and not started may start yet.
bool TurnHolder::HasEndedHere(const LedgerEntry& holder, const Call& call) const {
  const auto found = FindContainer(*engine_, holder.claim.container, call);
  if (!found.ok()) return false;
  if (!found->has_value()) return !host_.empty();
  if (!HasEnded(**found)) return false;
  return IsOfWorker(**found, state_directory_) || (*found)->finished_at < absl::Now() - kComparing;
}

bool TurnHolder::IsProvenDead(const LedgerEntry& holder, database::Connection& connection,
                              bool has_restores_lock, const Call& call) const {
  if (holder.claim.IsRestore()) {
    return has_restores_lock || !IsBeingRestored(connection, call).value_or(true);
  }
  return !running_->Has(holder.claim) && IsOnThisEngine(holder, call) && HasEndedHere(holder, call);
}

absl::Status TurnHolder::Held(const LedgerEntry& holder,
                              const std::vector<std::string>& left) const {
  const Call call = AnotherCall(kLastWords);
  bool runs_here = false;
  if (!holder.claim.IsRestore() && IsOnThisEngine(holder, call)) {
    const auto found = FindContainer(*engine_, holder.claim.container, call);
    runs_here = found.ok() && found->has_value() && IsRunning(**found);
  }
  v1::Failure failure = MakeFailure(
      v1::MIGRATION_HELD,
      absl::StrCat("database ", database_->name(), " is being ",
                   holder.claim.IsRestore() ? "restored" : "migrated", " by another deployment"),
      {CleanText(HolderSentence(holder))});
  for (const std::string& sentence : left) failure.add_evidence(sentence);
  failure.set_next_command(WaysOut(holder, runs_here));
  return FailureStatus(failure);
}

absl::Status TurnHolder::RefuseWhileHeld(const Call& call) const {
  const auto connection = database_->Open({}, call);
  if (!connection.ok()) return connection.status();
  const auto holder = FindRunningEntry(**connection, call);
  if (!holder.ok()) return FailureOfLedger(holder.status());
  if (!holder->has_value() || IsProvenDead(**holder, **connection, false, call)) {
    return absl::OkStatus();
  }
  return Held(**holder);
}

absl::Status TurnHolder::FailureOfLedger(const absl::Status& status) const {
  if (status.ok() || absl::IsCancelled(status) || absl::IsDeadlineExceeded(status)) return status;
  if (absl::IsPermissionDenied(status)) {
    v1::Failure failure = MakeFailure(v1::DATABASE_DENIED,
                                      absl::StrCat("database ", database_->name(),
                                                   ": its turn cannot be had: ", status.message()));
    failure.set_likely_cause("the user of the URL may not create or use what Davit needs there");
    failure.set_next_command("let an administrator run that statement, then do this again");
    return FailureStatus(failure);
  }
  return FailureStatus(v1::DATABASE_UNREACHABLE,
                       absl::StrCat("database ", database_->name(),
                                    ": the ledger of its migrations could not be read or written"),
                       {std::string(status.message())});
}

absl::Status RefuseWhileMigrated(const worker::v1::DatabaseAccess& access,
                                 const RunnerEnvironment& environment,
                                 const RunningMigrations& running, const StepContext& context) {
  absl::Status refused;
  for (const WayIn way : WaysToLedger(access)) {
    const auto database = StepDatabase::Of(access, way, context, *environment.engine);
    if (!database.ok()) return database.status();
    refused = TurnHolder(&*database, environment.engine, &running, environment.state_directory,
                         /*host=*/"")
                  .RefuseWhileHeld(context.call);
    if (!IsFailure(refused, v1::DATABASE_DENIED)) return refused;
  }
  return refused;
}

std::vector<WayIn> WaysToLedger(const worker::v1::DatabaseAccess& access) {
  if (!access.has_admin_url()) return {WayIn::kApp};
  return {WayIn::kApp, WayIn::kAdmin};
}

}  // namespace davit::steps
