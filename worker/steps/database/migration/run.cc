#include "worker/steps/database/migration/run.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/connection/server_info.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/database/migration/comparison.h"
#include "worker/steps/database/migration/environment.h"
#include "worker/steps/database/migration/locks.h"
#include "worker/steps/database/shared_sessions.h"
#include "worker/steps/one_off/container.h"
#include "worker/steps/one_off/record.h"
#include "worker/steps/one_off/run.h"

namespace davit::steps {
namespace {

using database::LedgerState;
using google::protobuf::util::TimeUtil;
using worker::v1::StepOutputs;

// For what must be known although the step's own time is over.
constexpr absl::Duration kHostPatience = absl::Seconds(60);
constexpr absl::Duration kLookForRunAgain = absl::Milliseconds(500);
constexpr absl::Duration kSwapPatience = absl::Seconds(60);
constexpr absl::Duration kDefaultPatience = absl::Minutes(15);

absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Nanoseconds(TimeUtil::DurationToNanoseconds(duration));
}

}  // namespace

MigrationRun::MigrationRun(const RunnerEnvironment& environment, absl::Duration start_patience,
                           const StepDatabase& database, RunningMigrations& running,
                           const worker::v1::MigrateDatabase& spec, const StepContext& context,
                           StepReporter& reporter)
    : environment_(environment),
      start_patience_(start_patience),
      database_(database),
      running_(running),
      spec_(spec),
      context_(context),
      reporter_(reporter),
      catalogues_(environment.state_directory),
      session_(&database),
      one_off_(spec.run()) {
  if (one_off_.failure_code() == v1::FAILURE_CODE_UNSPECIFIED) {
    one_off_.set_failure_code(v1::MIGRATION_FAILED);
  }
  claim_ = {.deployment = context.key.deployment_id(),
            .step = absl::StrCat(context.key.step_id(), ", attempt ", context.key.attempt()),
            .host = spec.host(),
            .container = OneOffName(context.key)};
  client_.name = SessionName(context.key);
}

// On disk before the engine is told: without it the command has certainly not run.
bool MigrationRun::MayHaveRun() const {
  return StartedOneOffs(environment_.state_directory).Contains(context_.key);
}

absl::StatusOr<StepOutputs> MigrationRun::Run() {
  running_.Add(claim_);
  const absl::Cleanup over = [this] { running_.Remove(claim_); };
  // A command that may run is taken up whatever the database says.
  if (!MayHaveRun()) {
    if (absl::Status status = MakeReady(); !status.ok()) return status;
  }
  const auto host = HostAndEngine(spec_.host(), *environment_.engine,
                                  MayHaveRun() ? AnotherCall(kHostPatience) : context_.call);
  if (!host.ok() && !MayHaveRun()) return host.status();
  if (host.ok()) claim_.host = *host;
  MigrationTurn turn(&session_,
                     TurnHolder(&database_, environment_.engine, &running_,
                                environment_.state_directory, claim_.host),
                     claim_);
  const auto ended = RunCommand(turn);
  if (!ended.ok() && IsLeftToTheNext()) return ended.status();
  if (!MayHaveRun()) {
    if (turn.taken()) turn.End(LedgerState::kFailed, AnotherCall(kLastWords)).IgnoreError();
    return ended;
  }
  // Nothing is over while the container may still run.
  if (!ended.ok() && IsFailure(ended.status(), v1::STEP_UNKNOWN)) return ended;
  auto judged = Compared(ended);
  if (!judged.ok() && IsLeftToTheNext()) return judged.status();
  // It is taken by the next one that finds those sessions gone.
  if (sessions_left_) return judged;
  const auto kept =
      turn.End(ended.ok() ? LedgerState::kFinished : LedgerState::kFailed, AnotherCall(kLastWords));
  // Where that could not be noted, the next one finds the container dead.
  return kept.value_or(true) ? judged : AfterTakeover(std::move(judged));
}

absl::StatusOr<StepOutputs> MigrationRun::Compared(const absl::StatusOr<StepOutputs>& ended) {
  MigrationComparison comparison(environment_, session_, one_off_, client_,
                                 spec_.backup_directory(), context_, reporter_);
  auto judged = comparison.Judge(ended, lock_holders_);
  sessions_left_ = comparison.sessions_left();
  return WithNote(std::move(judged),
                  LockTimeoutNote(database_.url(), ToAbsl(spec_.lock_timeout())));
}

// A database that a restore swaps lets nobody in for a moment (55000).
absl::StatusOr<database::Connection*> MigrationRun::BeginPatiently() {
  const Call swap = context_.call.Within(kSwapPatience);
  for (;;) {
    const auto connection = session_.Get(context_.call);
    if (connection.ok()) return connection;
    if (database::SqlState(connection.status()) != "55000") {
      return database_.FailureFor(connection.status());
    }
    v1::StepProgress progress;
    progress.set_phase("waits until the database lets sessions in again");
    reporter_.Progress(std::move(progress));
    if (!swap.Wait(kLookForRunAgain).ok()) return database_.FailureFor(connection.status());
  }
}

// Whether the server would refuse what libpq is told in PGOPTIONS.
absl::StatusOr<bool> MigrationRun::IsThroughPooler() {
  const auto connection = BeginPatiently();
  if (!connection.ok()) return connection.status();
  const auto info = database::ReadServerInfo(**connection, context_.call);
  if (!info.ok()) return database_.FailureFor(info.status());
  if (info->read_only) {
    if (absl::Status status = RefuseStandby(**connection); !status.ok()) return status;
  }
  if (info->pooler) return true;
  const auto shares = SharesSessions(
      **connection, [this](const Call& call) { return database_.Connect({}, call); },
      context_.call);
  if (!shares.ok()) return database_.FailureFor(shares.status());
  return *shares;
}

// What is read-only by a setting alone, a migration may set otherwise.
absl::Status MigrationRun::RefuseStandby(database::Connection& connection) const {
  const auto standby = connection.Query("SELECT pg_is_in_recovery()", context_.call);
  if (!standby.ok()) return database_.FailureFor(standby.status());
  if (standby->Text(0, 0) != "t") return absl::OkStatus();
  v1::Failure failure = MakeFailure(
      v1::DATABASE_DENIED,
      absl::StrCat("database ", database_.name(),
                   " cannot be migrated: its server is a standby, which takes no changes"),
      {absl::StrCat("URL: ", database_.url().Redacted(), " (without its password)"),
       "pg_is_in_recovery() is true"});
  failure.set_likely_cause(
      "the URL leads to a replica, or the servers have changed places since it was set");
  failure.set_next_command("give the secret the URL of the primary server, then deploy again");
  return FailureStatus(failure);
}

absl::Status MigrationRun::MakeReady() {
  const auto pooler = IsThroughPooler();
  if (!pooler.ok()) return pooler.status();
  AddSessionSettings(context_.key, ToAbsl(spec_.lock_timeout()), *pooler,
                     *one_off_.mutable_container());
  return absl::OkStatus();
}

// The last before the command is started: its turn, and what there is before it.
absl::Status MigrationRun::Prepare(MigrationTurn& turn) {
  const absl::Cleanup end_session = [this] { session_.Close(); };  // the command may run for hours
  const absl::Duration patience =
      one_off_.has_timeout() ? ToAbsl(one_off_.timeout()) : kDefaultPatience;
  if (absl::Status status = turn.Take(patience, context_.call, reporter_); !status.ok()) {
    return status;
  }
  v1::StepProgress progress;
  progress.set_phase("reads the schema");
  reporter_.Progress(std::move(progress));
  const auto connection = session_.Get(context_.call);
  if (!connection.ok()) return database_.FailureFor(connection.status());
  const auto before = database::ReadCatalogue(**connection, context_.call);
  if (!before.ok()) return database_.FailureFor(before.status());
  return catalogues_.Write(context_.key, *before);
}

// What is removed is not seen to end: it has by now.
void MigrationRun::RememberClient(const OneOffContainer& container) {
  if (!container.addresses().empty()) client_.addresses = container.addresses();
  if (!WasStarted(container.details())) return;
  client_.started = absl::FromUnixNanos(
      TimeUtil::TimestampToNanoseconds(container.details().observed.start_time()));
  client_.ended = container.HasExited() ? container.details().finished_at : absl::Now();
}

absl::StatusOr<StepOutputs> MigrationRun::RunCommand(MigrationTurn& turn) {
  LockWatch watch(&database_, SessionName(context_.key), &reporter_);
  for (;;) {
    OneOffRun run(environment_, start_patience_, one_off_, context_, reporter_);
    run.BeforeStart([this, &turn] { return Prepare(turn); });
    auto ended = run.Run();
    RememberClient(run.container());
    // It goes on without its engine, as without its worker.
    const bool unseen =
        !ended.ok() && IsFailure(ended.status(), v1::DOCKER_UNREACHABLE) && MayHaveRun();
    if (unseen && context_.call.Wait(kLookForRunAgain).ok()) continue;
    lock_holders_ = watch.Finish();
    if (!unseen) return ended;
    return FailureStatus(
        v1::STEP_UNKNOWN, "Docker does not answer: the migration may still run",
        {absl::StrCat("its container: ", claim_.container), std::string(ended.status().message())});
  }
}

}  // namespace davit::steps
