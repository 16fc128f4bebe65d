#include "controller/core/restoration/restoration_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "controller/core/plan/foresight.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restoration_plan.h"
#include "controller/core/restoration/restoration_text.h"
#include "controller/core/testing/restoration_maker.h"

namespace davit::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(SchemaSince, IsRefusedWithEachChangeWhenNothingSaysThatItIsSafe) {
  for (const auto meaning :
       {v1::SCHEMA_UNSAFE, v1::SCHEMA_UNKNOWN, v1::SCHEMA_MEANING_UNSPECIFIED}) {
    const auto args = After({Migrated("d-a", v1::SCHEMA_SAFE), Migrated("d-b", meaning)},
                            v1::RollbackRequest::SCHEMA_UNSPECIFIED);
    const absl::Status status = NewDeployment(args, kNow).status();
    ASSERT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
    const v1::Failure failure = FailureOf(status);
    EXPECT_THAT(failure.evidence(), Contains(HasSubstr("Column d-a was dropped: safe")));
    EXPECT_THAT(failure.evidence(), Contains(HasSubstr("Column d-b was dropped")));
    EXPECT_THAT(failure.evidence(), Contains(HasSubstr("no backup of before")));
    EXPECT_THAT(failure.next_command(), HasSubstr("davit rollback web -e dev --schema keep"));
  }
}

TEST(SchemaSince, AdvisesACommandThatGoesBackToTheReleaseThatWasAskedFor) {
  auto args = After({Migrated("d-a", v1::SCHEMA_UNSAFE)}, v1::RollbackRequest::SCHEMA_UNSPECIFIED);
  (*args.request.mutable_rollback()->mutable_releases())["web"] = 2;
  EXPECT_THAT(FailureOf(NewDeployment(args, kNow).status()).next_command(),
              HasSubstr("davit rollback web -e dev --to web=2 --schema keep"));
}

TEST(SchemaSince, CountsTheChangesThatAreTooManyToRead) {
  state::v1::DatabaseHistory history = Migrated("d-a", v1::SCHEMA_UNSAFE);
  for (int i = 0; i < 99; ++i) {
    *history.mutable_migration()->add_changes() = history.migration().changes(0);
  }
  const DeploymentState state = *NewDeployment(After({history}, v1::RollbackRequest::KEEP), kNow);
  EXPECT_EQ(SchemaNotes(state.record).size(), 1u + 40u + 1u);
  EXPECT_EQ(SchemaNotes(state.record).back(), "main: and 60 more");
}

TEST(SchemaSince, IsNoMatterWhereItIsSafeOrUnchangedOrKept) {
  const auto unspecified = v1::RollbackRequest::SCHEMA_UNSPECIFIED;
  EXPECT_TRUE(NewDeployment(After({Migrated("d-a", v1::SCHEMA_SAFE)}, unspecified), kNow).ok());
  EXPECT_TRUE(
      NewDeployment(After({Migrated("d-a", v1::SCHEMA_UNCHANGED)}, unspecified), kNow).ok());
  const DeploymentState kept =
      *NewDeployment(After({Migrated("d-a", v1::SCHEMA_UNSAFE)}, v1::RollbackRequest::KEEP), kNow);
  EXPECT_THAT(
      SchemaNotes(kept.record),
      ElementsAre("the schema of main stays as it is: not safe for the older release",
                  "main: Column d-a was dropped: not safe, the old code asks for it (d-a)"));
}

TEST(SchemaSince, IsTakenBackOnlyByWhatThereIs) {
  state::v1::DatabaseHistory history = Migrated("d-a", v1::SCHEMA_UNSAFE);
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    const absl::Status status = NewDeployment(After({history}, schema), kNow).status();
    EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  }
  history.mutable_declared()->add_rollback_command("undo");
  history.mutable_backup()->set_host("h1");
  history.mutable_backup()->set_path("/backups/main-1");
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    const absl::Status status = NewDeployment(After({history}, schema), kNow).status();
    EXPECT_TRUE(status.ok()) << status;
  }
  state::v1::DatabaseHistory gaps = history;
  gaps.mutable_migration()->add_gaps("the table of migrations could not be read");
  EXPECT_TRUE(NewDeployment(After({gaps}, v1::RollbackRequest::COMMAND), kNow).ok());
  gaps.mutable_declared()->add_rollback_command("{{previous:shop}}");
  EXPECT_FALSE(NewDeployment(After({gaps}, v1::RollbackRequest::COMMAND), kNow).ok());
  EXPECT_FALSE(
      NewDeployment(
          After({history, Migrated("d-z", v1::SCHEMA_SAFE)}, v1::RollbackRequest::COMMAND), kNow)
          .ok())
      << "the live release does not know that one";
  history.mutable_backup()->set_host("gone");
  EXPECT_FALSE(NewDeployment(After({history}, v1::RollbackRequest::RESTORE), kNow).ok());
}

// As a rollback left it whose rollback_command took back what this release needs.
state::v1::DatabaseHistory Lacking(const std::string& id) {
  state::v1::DatabaseHistory history;
  history.set_database("main");
  history.set_deployment_id(id);
  history.mutable_migration()->set_meaning(v1::SCHEMA_UNKNOWN);
  history.mutable_migration()->add_gaps("a rollback has taken back what it needs");
  return history;
}

state::v1::DatabaseHistory Reversible(const std::string& id, v1::SchemaMeaning meaning) {
  state::v1::DatabaseHistory history = Migrated(id, meaning);
  history.mutable_declared()->add_rollback_command("undo");
  history.mutable_backup()->set_host("h1");
  history.mutable_backup()->set_path("/backups/" + id);
  return history;
}

TEST(SchemaSince, IsNotTakenBackWhereTheReleaseNeedsWhatIsGone) {
  const std::vector<state::v1::DatabaseHistory> since = {Lacking("d-a"),
                                                         Reversible("d-b", v1::SCHEMA_UNSAFE)};
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    const absl::Status status = NewDeployment(After(since, schema), kNow).status();
    ASSERT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
    EXPECT_EQ(FailureOf(status).next_command(), "choose another way: `--schema keep`");
  }
  const v1::Failure refused = FailureOf(
      NewDeployment(After(since, v1::RollbackRequest::SCHEMA_UNSPECIFIED), kNow).status());
  EXPECT_THAT(refused.next_command(), HasSubstr("nothing can take it back"));
  EXPECT_THAT(refused.next_command(), Not(HasSubstr("command`")));
  EXPECT_TRUE(NewDeployment(After(since, v1::RollbackRequest::KEEP), kNow).ok());
}

TEST(SchemaSince, OffersOnlyWhatCanBeDone) {
  state::v1::DatabaseHistory history = Reversible("d-a", v1::SCHEMA_UNSAFE);
  const auto advice = [&] {
    const auto args = After({history}, v1::RollbackRequest::SCHEMA_UNSPECIFIED);
    return FailureOf(NewDeployment(args, kNow).status()).next_command();
  };
  EXPECT_THAT(advice(), HasSubstr("--schema keep` or `command` or `restore` in its place"));
  history.clear_backup();
  EXPECT_THAT(advice(), HasSubstr("--schema keep` or `command` in its place"));
  history.mutable_declared()->clear_rollback_command();
  EXPECT_THAT(advice(), HasSubstr("if you know better, `davit rollback web -e dev --schema keep`"));
}

TEST(SchemaSince, IsTakenBackOnceMoreWhereTheCommandDidNotSucceed) {
  state::v1::DatabaseHistory begun = Lacking("d-z");
  begun.mutable_migration()->clear_gaps();
  begun.mutable_migration()->add_changes()->set_sentence("The rollback_command was begun");
  state::v1::DatabaseHistory history = Reversible("d-a", v1::SCHEMA_UNSAFE);
  history.mutable_declared()->add_rollback_command("{{previous:shop}}");
  const auto state = NewDeployment(After({history, begun}, v1::RollbackRequest::COMMAND), kNow);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(SchemaNotes(state->record),
              Contains("main: The rollback_command was begun: not known to be safe (d-z)"));
}

TEST(SchemaSince, SaysWhatAnEarlierRollbackHasTakenBack) {
  state::v1::DatabaseHistory done = Lacking("d-z");
  done.mutable_migration()->set_meaning(v1::SCHEMA_UNCHANGED);
  const auto state = NewDeployment(After({done}, v1::RollbackRequest::COMMAND), kNow);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(SchemaNotes(state->record),
              ElementsAre("schema of main: a rollback has taken back what it needs (d-z)"));
}

// As After, with another database besides.
NewDeploymentArgs AfterWithOther(const std::vector<state::v1::DatabaseHistory>& since,
                                 v1::RollbackRequest::Schema schema) {
  NewDeploymentArgs args = After(since, schema);
  (*args.request.mutable_spec()->mutable_databases())["other"].mutable_url()->set_secret("OTHER");
  return args;
}

TEST(SchemaSince, IsReplacedOnlyWhereItIsNotSafe) {
  state::v1::DatabaseHistory safe = Migrated("d-b", v1::SCHEMA_SAFE);
  safe.set_database("other");
  const auto args =
      AfterWithOther({Reversible("d-a", v1::SCHEMA_UNSAFE), safe}, v1::RollbackRequest::RESTORE);
  const auto state = NewDeployment(args, kNow);
  ASSERT_TRUE(state.ok()) << state.status() << ": a safe one needs no backup";
  const auto replaced = SchemasWithFate(state->record, SchemaFate::kIsReplaced);
  ASSERT_THAT(replaced, SizeIs(1));
  EXPECT_EQ(replaced[0].first, "main");
  EXPECT_THAT(SchemaNotes(state->record),
              Contains("the schema of other stays as it is: safe for the older release"));
}

TEST(SchemaSince, SaysWhatOthersLoseByTheBackup) {
  state::v1::DatabaseHistory change = Reversible("d-a", v1::SCHEMA_UNSAFE);
  change.mutable_migration()->add_since_backup("d-other");
  const absl::Status refused =
      NewDeployment(After({change}, v1::RollbackRequest::SCHEMA_UNSPECIFIED), kNow).status();
  EXPECT_THAT(FailureOf(refused).evidence(),
              Contains(EndsWith("would be lost, also what d-other migrated in it")));
  const auto state = NewDeployment(After({change}, v1::RollbackRequest::RESTORE), kNow);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(SchemaNotes(state->record),
              Contains(EndsWith("is lost, also what d-other migrated in it")));
}

TEST(SchemaSince, IsTakenBackFromTheNewestChangeOn) {
  state::v1::DatabaseHistory other = Reversible("d-b", v1::SCHEMA_UNSAFE);
  other.set_database("other");
  const auto args =
      AfterWithOther({Reversible("d-a", v1::SCHEMA_UNSAFE), other}, v1::RollbackRequest::COMMAND);
  const auto taken = SchemasWithFate(NewDeployment(args, kNow)->record, SchemaFate::kIsTakenBack);
  ASSERT_THAT(taken, SizeIs(2));
  EXPECT_EQ(taken[0].first, "other");
}

TEST(SchemaSince, IsNotTakenBackTwiceInOneDatabaseOfTwoNames) {
  state::v1::DatabaseHistory other = Reversible("d-b", v1::SCHEMA_UNSAFE);
  other.set_database("other");
  NewDeploymentArgs args =
      AfterWithOther({Reversible("d-a", v1::SCHEMA_UNSAFE), other}, v1::RollbackRequest::COMMAND);
  args.request.mutable_spec()->mutable_databases()->at("other").mutable_url()->set_secret("URL");
  const absl::Status status = NewDeployment(args, kNow).status();
  EXPECT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  EXPECT_THAT(status.message(), HasSubstr("it may be the same database as main"));
}

TEST(SchemaSince, GoesBackToBeforeTheFirstOfTheChanges) {
  state::v1::DatabaseHistory first = Migrated("d-a", v1::SCHEMA_UNSAFE);
  first.mutable_backup()->set_path("/backups/first");
  state::v1::DatabaseHistory second = Migrated("d-b", v1::SCHEMA_SAFE);
  second.mutable_backup()->set_path("/backups/second");
  (*second.mutable_migration()->mutable_previous())["blog"] = "0007";
  second.mutable_declared()->add_rollback_command("undo");
  const DeploymentState state = *NewDeployment(
      After({Migrated("d-0", v1::SCHEMA_UNCHANGED), first, second}, v1::RollbackRequest::KEEP),
      kNow);
  const SchemaSince since = SchemasSince(state.record).at("main");
  EXPECT_EQ(since.changes.size(), 2u);
  EXPECT_EQ(since.Backup()->path(), "/backups/first");
  EXPECT_THAT(since.Command()->rollback_command(), ElementsAre("undo"));
  EXPECT_THAT(since.Previous(),
              ElementsAre(std::pair("blog", "0007"), std::pair("shop", "before d-a")));
}

}  // namespace
}  // namespace davit::core
