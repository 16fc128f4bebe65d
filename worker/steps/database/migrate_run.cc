#include "worker/steps/database/migrate_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/database/catalogue.h"
#include "worker/database/server_info.h"
#include "worker/steps/database/migrate_environment.h"
#include "worker/steps/database/migrate_failure.h"
#include "worker/steps/database/migrate_locks.h"
#include "worker/steps/database/migrate_result.h"
#include "worker/steps/database/migrate_sessions.h"
#include "worker/steps/database/shared_sessions.h"
#include "worker/steps/failed_outputs.h"
#include "worker/steps/one_off_container.h"
#include "worker/steps/one_off_record.h"
#include "worker/steps/one_off_run.h"
#include "worker/steps/one_off_said.h"

namespace davit::steps {
namespace {

using database::Catalogue;
using database::LedgerState;
using google::protobuf::util::TimeUtil;
using worker::v1::StepOutputs;

// For what must be known although the step's own time is over. A server that restarts is
// waited for.
constexpr absl::Duration kComparePatience = absl::Seconds(60);
constexpr absl::Duration kSessionsEnd = absl::Seconds(20);
constexpr absl::Duration kReadAgain = absl::Milliseconds(500);
constexpr absl::Duration kDefaultPatience = absl::Minutes(15);
constexpr size_t kMostOutput = 256 << 10;  // bytes that are searched for a reason

absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Nanoseconds(TimeUtil::DurationToNanoseconds(duration));
}

StepOutputs OutputsWith(v1::Migration migration) {
  StepOutputs outputs;
  outputs.set_summary(MigrationSummary(migration));
  *outputs.mutable_migration() = std::move(migration);
  return outputs;
}

// Another migration may have begun meanwhile: then what differs may be its doing too.
void NoteTakeover(v1::Migration& migration) {
  migration.add_gaps(
      "Another deployment took this migration for dead and may have migrated meanwhile: what "
      "differs may be its doing");
  if (migration.meaning() == v1::SCHEMA_SAFE || migration.meaning() == v1::SCHEMA_UNCHANGED) {
    migration.set_meaning(v1::SCHEMA_UNKNOWN);
  }
}

// `kept`: whether its turn was its own until the end. Where that could not be noted, the
// next one finds the container dead.
absl::StatusOr<StepOutputs> WithLedger(absl::StatusOr<StepOutputs> judged,
                                       const absl::StatusOr<bool>& kept) {
  if (!kept.ok() || *kept) return judged;
  if (judged.ok()) {
    NoteTakeover(*judged->mutable_migration());
    return judged;
  }
  auto outputs = OutputsOf(judged.status());
  if (!outputs.has_value()) return judged;
  NoteTakeover(*outputs->mutable_migration());
  return WithOutputs(judged.status(), *outputs);
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
      one_off_(spec.run()) {
  if (one_off_.failure_code() == v1::FAILURE_CODE_UNSPECIFIED) {
    one_off_.set_failure_code(v1::MIGRATION_FAILED);
  }
  claim_ = {.deployment = context.key.deployment_id(),
            .step = absl::StrCat(context.key.step_id(), ", attempt ", context.key.attempt()),
            .host = spec.host(),
            .container = OneOffName(context.key)};
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
                                  MayHaveRun() ? AnotherCall(kComparePatience) : context_.call);
  if (!host.ok() && !MayHaveRun()) return host.status();
  if (host.ok()) claim_.host = *host;
  MigrationTurn turn(&database_, environment_.engine, &running_, environment_.state_directory,
                     claim_);
  const auto ended = RunCommand(turn);
  if (!ended.ok() && IsLeftToTheNext()) return ended.status();
  if (!MayHaveRun()) {
    if (turn.taken()) turn.End(LedgerState::kFailed, AnotherCall(kLastWords)).IgnoreError();
    return ended;
  }
  // Nothing is over while the container may still run.
  if (!ended.ok() && IsFailure(ended.status(), v1::STEP_UNKNOWN)) return ended;
  auto judged = Judge(ended);
  if (!judged.ok() && IsLeftToTheNext()) return judged.status();
  const auto kept =
      turn.End(ended.ok() ? LedgerState::kFinished : LedgerState::kFailed, AnotherCall(kLastWords));
  return WithLedger(std::move(judged), kept);
}

// Whether the server would refuse what libpq is told in PGOPTIONS.
absl::StatusOr<bool> MigrationRun::IsThroughPooler() const {
  auto connection = database_.Open({}, context_.call);
  if (!connection.ok()) return connection.status();
  const auto info = database::ReadServerInfo(**connection, context_.call);
  if (!info.ok()) return database_.FailureFor(info.status());
  if (info->pooler) return true;
  const auto shares = SharesSessions(
      **connection, [this](const Call& call) { return database_.Connect({}, call); },
      context_.call);
  if (!shares.ok()) return database_.FailureFor(shares.status());
  return *shares;
}

absl::Status MigrationRun::MakeReady() {
  const auto pooler = IsThroughPooler();
  if (!pooler.ok()) return pooler.status();
  AddSessionSettings(context_.key, ToAbsl(spec_.lock_timeout()), *pooler,
                     *one_off_.mutable_container());
  return absl::OkStatus();
}

// The last before the command is started: its turn, and what there is before it.
absl::Status MigrationRun::Prepare(MigrationTurn& turn) const {
  const absl::Duration patience =
      one_off_.has_timeout() ? ToAbsl(one_off_.timeout()) : kDefaultPatience;
  if (absl::Status status = turn.Take(patience, context_.call, reporter_); !status.ok()) {
    return status;
  }
  v1::StepProgress progress;
  progress.set_phase("reads the schema");
  reporter_.Progress(std::move(progress));
  auto connection = database_.Open({}, context_.call);
  if (!connection.ok()) return connection.status();
  const auto before = database::ReadCatalogue(**connection, context_.call);
  if (!before.ok()) return database_.FailureFor(before.status());
  return catalogues_.Write(context_.key, *before);
}

absl::StatusOr<StepOutputs> MigrationRun::RunCommand(MigrationTurn& turn) {
  LockWatch watch(&database_, SessionName(context_.key), &reporter_);
  for (;;) {
    OneOffRun run(environment_, start_patience_, one_off_, context_, reporter_);
    run.BeforeStart([this, &turn] { return Prepare(turn); });
    auto ended = run.Run();
    // It goes on without its engine, as without its worker.
    const bool unseen =
        !ended.ok() && IsFailure(ended.status(), v1::DOCKER_UNREACHABLE) && MayHaveRun();
    if (unseen && context_.call.Wait(kReadAgain).ok()) continue;
    lock_holders_ = watch.Finish();
    if (!unseen) return ended;
    return FailureStatus(v1::STEP_UNKNOWN, "Docker does not answer: the migration may still run",
                         {std::string(ended.status().message())});
  }
}

absl::StatusOr<Catalogue> MigrationRun::TryReadAfter() const {
  const Call call = AnotherCall(kComparePatience);
  auto connection = database_.Open({}, call);
  if (!connection.ok()) return connection.status();
  absl::Status ended =
      EndSessions(**connection, SessionName(context_.key), call.Within(kSessionsEnd));
  if (!ended.ok()) return ended;
  return database::ReadCatalogue(**connection, call);
}

absl::StatusOr<Catalogue> MigrationRun::ReadAfter() const {
  const Call call = AnotherCall(kComparePatience);
  for (;;) {
    auto after = TryReadAfter();
    if (after.ok() || IsLeftToTheNext() || !call.Wait(kReadAgain).ok()) return after;
  }
}

absl::StatusOr<StepOutputs> MigrationRun::Judge(const absl::StatusOr<StepOutputs>& ended) {
  v1::StepProgress progress;
  progress.set_phase("compares the schema");
  reporter_.Progress(std::move(progress));
  const auto before = catalogues_.Read(context_.key);
  if (!before.ok()) return Unjudged(ended, before.status());
  const auto after = ReadAfter();
  if (!after.ok()) return Unjudged(ended, database_.FailureFor(after.status()));
  v1::Migration migration = JudgeMigration(database_.name(), *before, *after);
  if (!ended.ok()) {
    const absl::Status failed = Failed(ended.status(), *before, *after, migration);
    return WithOutputs(failed, OutputsWith(std::move(migration)));
  }
  StepOutputs outputs = OutputsWith(std::move(migration));
  outputs.set_summary(absl::StrCat(ended->summary(), "; ", outputs.summary()));
  return outputs;
}

absl::Status MigrationRun::Failed(const absl::Status& ended, const Catalogue& before,
                                  const Catalogue& after, const v1::Migration& migration) const {
  if (absl::IsCancelled(ended)) return ended;
  FailedMigration failed;
  failed.failure = FailureOf(ended);
  failed.recognized = database::RecognizeMigrationFailure(
      EndOfOutput(*environment_.engine, OneOffName(context_.key), kMostOutput));
  failed.lock_holders = lock_holders_;
  failed.before = before;
  failed.after = after;
  failed.migration = migration;
  return FailureStatus(ExplainFailedMigration(failed));
}

absl::StatusOr<StepOutputs> MigrationRun::Unjudged(const absl::StatusOr<StepOutputs>& ended,
                                                   const absl::Status& why) const {
  v1::Failure failure =
      MakeFailure(v1::STEP_UNKNOWN,
                  absl::StrCat("what the migration of database ", database_.name(),
                               " has left is not known: its schema could not be compared"),
                  {std::string(why.message())});
  if (ended.ok()) failure.add_evidence(absl::StrCat("the migration itself was ", ended->summary()));
  if (!ended.ok() && !absl::IsCancelled(ended.status())) {
    const v1::Failure own = FailureOf(ended.status());
    failure.add_evidence(absl::StrCat("the migration itself: ", own.message()));
    failure.mutable_evidence()->MergeFrom(own.evidence());
    *failure.mutable_log_tail() = own.log_tail();
  }
  failure.set_likely_cause("the database's server went away, or what was noted before is gone");
  failure.set_next_command("look at the schema by hand before anything is deployed again");
  return WithOutputs(FailureStatus(failure),
                     OutputsWith(UnjudgedMigration(database_.name(), std::string(why.message()))));
}

}  // namespace davit::steps
