#include "worker/steps/database/migration/comparison.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/migration/ledger.h"
#include "worker/database/migration/object_comparison.h"
#include "worker/steps/database/migration/before.h"
#include "worker/steps/database/migration/result.h"
#include "worker/steps/database/migration/sessions.h"
#include "worker/steps/database/migration/wanted.h"
#include "worker/steps/failed_outputs.h"
#include "worker/steps/one_off/container.h"
#include "worker/steps/one_off/record.h"
#include "worker/steps/one_off/said.h"

namespace davit::steps {
namespace {

using database::Catalogue;
using worker::v1::StepOutputs;

// Whatever time the step has left. A server that restarts is waited for.
constexpr absl::Duration kComparePatience = absl::Seconds(60);
constexpr absl::Duration kSessionsEnd = absl::Seconds(20);
constexpr absl::Duration kDoubtEnds = absl::Seconds(5);
constexpr absl::Duration kReadAgain = absl::Milliseconds(500);
// A server that knows us and refuses us will go on with it.
constexpr absl::Duration kRefusedPatience = absl::Seconds(5);
constexpr size_t kMostOutput = 256 << 10;  // bytes that are searched for a reason

StepOutputs OutputsWith(v1::Migration migration) {
  StepOutputs outputs;
  outputs.set_summary(MigrationSummary(migration));
  *outputs.mutable_migration() = std::move(migration);
  return outputs;
}

// A database that is swapped refuses everybody, for a moment (55000).
bool IsForGood(const absl::Status& status) {
  const database::ConnectReason reason = database::ReasonOf(status);
  return reason == database::ConnectReason::kAuthentication ||
         (reason == database::ConnectReason::kNotAllowed && database::SqlState(status) != "55000");
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

}  // namespace

// What its sessions still do is ended. What may go on all the same, a sentence each.
absl::StatusOr<std::vector<std::string>> MigrationComparison::SettleSessions(
    database::Connection& connection, bool failed, const Call& call) {
  const absl::Status ended = EndSessions(connection, client_, call.Within(kSessionsEnd));
  if (absl::IsUnavailable(ended)) return ended;
  std::vector<std::string> doubts;
  if (!ended.ok()) {
    doubts.push_back(absl::StrCat(
        "A session of the migration could not be ended and may change more: ", ended.message()));
  }
  if (failed) {
    const auto doubtful = DoubtfulSessions(connection, client_, call.Within(kDoubtEnds));
    if (!doubtful.ok()) return doubtful.status();
    doubts.insert(doubts.end(), doubtful->begin(), doubtful->end());
  }
  sessions_left_ = !doubts.empty();
  return doubts;
}

// Nobody has since this one began: it has its turn still.
absl::StatusOr<std::vector<std::string>> MigrationComparison::MigratedSinceBackup(
    database::Connection& connection, const Call& call) const {
  if (backup_directory_.empty()) return std::vector<std::string>();
  const std::string& deployment = context_.key.deployment_id();
  const auto backup = database::BackupDirectory(backup_directory_).NewestFor(deployment);
  if (!backup.ok()) return backup.status();
  if (!backup->has_value()) return std::vector<std::string>();
  return database::MigratedWithin(connection, absl::Now() - (*backup)->started, deployment, call);
}

absl::StatusOr<Catalogue> MigrationComparison::TryReadAfter(bool failed, const Call& call) {
  const auto connection = session_.Get(call);
  if (!connection.ok()) return connection.status();
  const auto doubts = SettleSessions(**connection, failed, call);
  if (!doubts.ok()) return doubts.status();
  auto after = database::ReadCatalogue(**connection, call);
  if (!after.ok()) return after;
  after->gaps.insert(after->gaps.end(), doubts->begin(), doubts->end());
  auto since_backup = MigratedSinceBackup(**connection, call);
  if (absl::IsUnavailable(since_backup.status())) return since_backup.status();
  if (since_backup.ok()) {
    since_backup_ = *std::move(since_backup);
  } else {
    after->gaps.push_back(
        absl::StrCat("Whether others have migrated since the backup was begun is not known: ",
                     since_backup.status().message()));
  }
  return after;
}

// Why it could not be read is what the server said last: not that the time was up.
absl::StatusOr<Catalogue> MigrationComparison::ReadAfter(bool failed) {
  const Call call = AnotherCall(kComparePatience);
  const absl::Time refused_until = SteadyNow() + kRefusedPatience;
  absl::Status last;
  for (;;) {
    auto after = TryReadAfter(failed, call);
    if (after.ok()) return after;
    session_.Close();
    if (IsLeftToTheNext()) return after;
    if (last.ok() || !absl::IsDeadlineExceeded(after.status())) last = after.status();
    if (IsForGood(last) && SteadyNow() >= refused_until) return last;
    if (!call.Wait(kReadAgain).ok()) return last;
  }
}

absl::StatusOr<StepOutputs> MigrationComparison::Judge(
    const absl::StatusOr<StepOutputs>& ended, const std::vector<std::string>& lock_holders) {
  v1::StepProgress progress;
  progress.set_phase("compares the schema");
  reporter_.Progress(std::move(progress));
  const auto before = CataloguesBefore(environment_.state_directory).Read(context_.key);
  if (!before.ok()) return Unjudged(ended, before.status());
  const auto after = ReadAfter(!ended.ok());
  if (!after.ok()) return Unjudged(ended, session_.database().FailureFor(after.status()));
  v1::Migration migration = JudgeMigration(session_.database().name(), *before, *after);
  migration.mutable_since_backup()->Add(since_backup_.begin(), since_backup_.end());
  if (!ended.ok()) {
    session_.Close();  // to explain it may take long
    FailedMigration failed = {.failure = {},
                              .recognized = {},
                              .error_line = {},
                              .last_line = {},
                              .lock_holders = lock_holders,
                              .before = *before,
                              .after = *after,
                              .wanted = {},
                              .rest = {},
                              .migration = migration};
    return WithOutputs(Explain(ended.status(), std::move(failed)),
                       OutputsWith(std::move(migration)));
  }
  StepOutputs outputs = OutputsWith(std::move(migration));
  outputs.set_summary(absl::StrCat(ended->summary(), "; ", outputs.summary()));
  return WithNote(std::move(outputs), UnfinishedIndexNote(*after));
}

absl::Status MigrationComparison::Explain(const absl::Status& ended, FailedMigration failed) const {
  if (absl::IsCancelled(ended)) return ended;
  failed.failure = FailureOf(ended);
  const std::string output =
      EndOfOutput(*environment_.engine, OneOffName(context_.key), kMostOutput);
  failed.recognized = database::RecognizeMigrationFailure(output);
  if (!failed.recognized.has_value()) {
    failed.error_line = database::FindErrorLine(output);
    failed.last_line = database::LastLine(output);
  }
  LookUpWanted(output, failed);
  return FailureStatus(ExplainFailedMigration(failed));
}

void MigrationComparison::LookUpWanted(const std::string& output, FailedMigration& failed) const {
  if (!failed.recognized.has_value() || IsLeftToTheNext()) return;
  const database::ObjectComparison there =
      database::CompareObject(*failed.recognized, failed.before, failed.after, nullptr);
  if (there.sentence.empty()) return;
  WantedLookup(environment_, session_.database(), one_off_, context_)
      .LookUp(output, there.schema, failed);
}

absl::StatusOr<StepOutputs> MigrationComparison::Unjudged(const absl::StatusOr<StepOutputs>& ended,
                                                          const absl::Status& why) const {
  v1::Failure failure =
      MakeFailure(v1::STEP_UNKNOWN,
                  absl::StrCat("what the migration of database ", session_.database().name(),
                               " has left is not known: its schema could not be compared"),
                  {std::string(why.message())});
  const bool denied = IsFailure(why, v1::DATABASE_DENIED);
  if (denied || IsFailure(why, v1::DATABASE_UNREACHABLE)) {
    failure.mutable_evidence()->MergeFrom(FailureOf(why).evidence());
  }
  if (ended.ok()) failure.add_evidence(absl::StrCat("the migration itself was ", ended->summary()));
  if (!ended.ok() && !absl::IsCancelled(ended.status())) {
    const v1::Failure own = FailureOf(ended.status());
    failure.add_evidence(absl::StrCat("the migration itself: ", own.message()));
    failure.mutable_evidence()->MergeFrom(own.evidence());
    *failure.mutable_log_tail() = own.log_tail();
  }
  failure.set_likely_cause(
      denied ? "the migration changed the password or the rights of the role that it runs as"
             : "the database's server went away, or what was noted before is gone");
  failure.set_next_command(
      denied ? absl::StrCat("let the URL fit the role again, or the role the URL: ",
                            FailureOf(why).next_command(),
                            "; then look at the schema by hand before anything is deployed again")
             : "look at the schema by hand before anything is deployed again");
  return WithOutputs(
      FailureStatus(failure),
      OutputsWith(UnjudgedMigration(session_.database().name(), std::string(why.message()))));
}

absl::StatusOr<StepOutputs> AfterTakeover(absl::StatusOr<StepOutputs> judged) {
  if (judged.ok()) {
    NoteTakeover(*judged->mutable_migration());
    return judged;
  }
  auto outputs = OutputsOf(judged.status());
  if (!outputs.has_value()) return judged;
  NoteTakeover(*outputs->mutable_migration());
  return WithOutputs(judged.status(), *outputs);
}

absl::StatusOr<StepOutputs> WithNote(absl::StatusOr<StepOutputs> judged, const std::string& note) {
  if (note.empty()) return judged;
  if (judged.ok()) {
    judged->set_summary(absl::StrCat(judged->summary(), "; ", note));
    return judged;
  }
  auto outputs = OutputsOf(judged.status());
  if (!outputs.has_value() || absl::IsCancelled(judged.status())) return judged;
  v1::Failure failure = FailureOf(judged.status());
  failure.add_evidence(note);
  return WithOutputs(FailureStatus(failure), *std::move(outputs));
}

}  // namespace davit::steps
