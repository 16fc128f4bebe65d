#include "controller/core/database/schema_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/testing/migration_maker.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(SchemaNotSafe, NamesTheChangesAndTheWayBack) {
  StepRecord backup;
  backup.mutable_view()->set_state(v1::STEP_SUCCEEDED);
  backup.mutable_spec()->mutable_backup_database()->mutable_database()->set_name("main");
  backup.mutable_view()->mutable_backup()->set_host("h1");
  backup.mutable_view()->mutable_backup()->set_path("/backups/main-1.dump");
  StepRecord step = MigrationThatMeant("main", v1::SCHEMA_UNSAFE);
  v1::SchemaChange& safe = *step.mutable_outputs()->mutable_migration()->add_changes();
  safe.set_sentence("Table shop_note was added");
  safe.set_meaning(v1::SCHEMA_SAFE);
  v1::SchemaChange& unsafe = *step.mutable_outputs()->mutable_migration()->add_changes();
  unsafe.set_sentence("Column vat was dropped");
  unsafe.set_meaning(v1::SCHEMA_UNSAFE);
  unsafe.set_reason("the old code reads it");
  const auto failure = SchemaNotSafe(StateAfter({backup, step}));
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->code(), v1::SCHEMA_NOT_SAFE);
  EXPECT_THAT(failure->evidence(),
              ElementsAre("main: Column vat was dropped: not safe, the old code reads it",
                          HasSubstr("/backups/main-1.dump on h1")));
  EXPECT_THAT(failure->next_command(), HasSubstr("`davit restore -e dev main main-1.dump`"));
}

StepRecord BackupThatMade(const std::string& database) {
  StepRecord backup;
  backup.mutable_view()->set_state(v1::STEP_SUCCEEDED);
  backup.mutable_spec()->mutable_backup_database()->mutable_database()->set_name(database);
  backup.mutable_view()->mutable_backup()->set_path("/backups/" + database + ".dump");
  return backup;
}

TEST(SchemaNotSafe, GoesBackWithAllDatabasesThatAreNotSafe) {
  const auto failure = SchemaNotSafe(StateAfter({BackupThatMade("main"), BackupThatMade("other"),
                                                 MigrationThatMeant("main", v1::SCHEMA_UNSAFE),
                                                 MigrationThatMeant("other", v1::SCHEMA_UNSAFE)}));
  EXPECT_THAT(failure->next_command(),
              HasSubstr("go back with `davit restore -e dev main main.dump` and `davit restore -e "
                        "dev other other.dump`, all of them, which loses"));
}

TEST(SchemaNotSafe, NamesWhatUndoesItWithoutLoss) {
  StepRecord step = MigrationThatMeant("main", v1::SCHEMA_UNSAFE);
  v1::SchemaChange& index = *step.mutable_outputs()->mutable_migration()->add_changes();
  index.set_sentence("Unique index one was added to customer");
  index.set_meaning(v1::SCHEMA_UNSAFE);
  index.set_undo_sql("DROP INDEX CONCURRENTLY one");
  EXPECT_THAT(SchemaNotSafe(StateAfter({step}))->next_command(),
              HasSubstr("drop what is not finished, in the database: `DROP INDEX CONCURRENTLY "
                        "one`: then the release of before can run"));
  v1::SchemaChange& more = *step.mutable_outputs()->mutable_migration()->add_changes();
  more.set_meaning(v1::SCHEMA_UNSAFE);
  EXPECT_THAT(SchemaNotSafe(StateAfter({step}))->next_command(), Not(HasSubstr("drop what")));
}

TEST(SchemaNotSafe, CountsWhatNobodyWouldRead) {
  StepRecord step = MigrationThatMeant("main", v1::SCHEMA_UNSAFE);
  for (int i = 0; i < 500; ++i) {
    v1::SchemaChange& change = *step.mutable_outputs()->mutable_migration()->add_changes();
    change.set_sentence("Table shop was dropped");
    change.set_meaning(v1::SCHEMA_UNSAFE);
  }
  const auto failure = SchemaNotSafe(StateAfter({step}));
  EXPECT_THAT(failure->evidence(), SizeIs(42));
  EXPECT_THAT(failure->evidence(), Contains("main: and 460 more"));
}

TEST(SchemaNotSafe, IsNotSaidOfWhatOldCodeCanRunOn) {
  EXPECT_FALSE(
      SchemaNotSafe(StateAfter({MigrationThatMeant("main", v1::SCHEMA_SAFE)})).has_value());
  EXPECT_THAT(SchemaKeptNotes(StateAfter({MigrationThatMeant("main", v1::SCHEMA_SAFE)})),
              ElementsAre(HasSubstr("the migration of database main stays")));
  EXPECT_THAT(SchemaKeptNotes(StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNCHANGED)})),
              IsEmpty());
}

// What deployment `id` has left since the live release.
state::v1::DatabaseHistory LeftBy(const std::string& id, v1::SchemaMeaning meaning) {
  state::v1::DatabaseHistory history;
  history.set_database("main");
  history.set_deployment_id(id);
  history.mutable_migration()->set_meaning(meaning);
  history.mutable_backup()->set_host("h1");
  history.mutable_backup()->set_path("/backups/" + id + ".dump");
  return history;
}

TEST(SchemaNotSafe, IsSaidAgainWhereAnEarlierDeploymentHasDoneItAll) {
  DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNCHANGED)});
  *state.record.add_since() = LeftBy("d-0a", v1::SCHEMA_SAFE);
  EXPECT_FALSE(SchemaNotSafe(state).has_value());
  *state.record.add_since() = LeftBy("d-0b", v1::SCHEMA_UNSAFE);
  const auto failure = SchemaNotSafe(state);
  ASSERT_TRUE(failure.has_value());
  EXPECT_THAT(failure->message(), HasSubstr("an earlier migration of main stays"));
  EXPECT_THAT(failure->evidence(),
              ElementsAre(HasSubstr("what d-0b has migrated stays as well: not safe"),
                          HasSubstr("the backup of before it is /backups/d-0b.dump")));
  EXPECT_THAT(failure->next_command(), HasSubstr("`davit restore -e dev main d-0b.dump`"));
}

TEST(SchemaNotSafe, IsNotSaidOfWhatIsEarlierWhereNothingWasMigrated) {
  DeploymentState state = StateAfter({});
  *state.record.add_since() = LeftBy("d-0a", v1::SCHEMA_UNSAFE);
  EXPECT_FALSE(SchemaNotSafe(state).has_value()) << "nothing was touched";
}

TEST(SchemaNotSafe, IsSaidOfWhatIsEarlierThoughItsOwnMigrationWasTakenBack) {
  DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  state.steps.push_back(TakenBackBy(state, v1::STEP_SUCCEEDED));
  EXPECT_FALSE(SchemaNotSafe(state).has_value());
  *state.record.add_since() = LeftBy("d-0a", v1::SCHEMA_UNSAFE);
  EXPECT_TRUE(SchemaNotSafe(state).has_value());
}

// A first deployment, which has looked at its host, of a database that web of stage is live on.
DeploymentState FirstAfter(const std::vector<StepRecord>& steps) {
  DeploymentState state = StateAfter(steps);
  StepRecord seen;
  seen.mutable_view()->set_host("h1");
  seen.mutable_spec()->mutable_observe();
  seen.mutable_outputs()->mutable_observe();
  state.steps.insert(state.steps.begin(), seen);
  *state.record.add_other_users() = OtherWeb("main", 4, "stage");
  state.record.mutable_other_users(0)->mutable_release()->set_deployment_id("d-0b");
  return state;
}

TEST(SchemaNotSafe, IsSaidOfAFirstDeploymentWhereAnotherEnvironmentUsesTheDatabase) {
  DeploymentState state =
      FirstAfter({BackupThatMade("main"), MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  const auto failure = SchemaNotSafe(state);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->message(),
            "the migration of main stays, and web v4 (environment stage) may not be able to run on "
            "what it has left");
  EXPECT_THAT(failure->evidence(),
              Contains("main: web v4 (environment stage) uses the same database, and runs code of "
                       "before"));
  EXPECT_THAT(failure->next_command(),
              HasSubstr("which loses what was written since, also by web v4 (environment stage)"));
  EXPECT_THAT(SchemaKeptNotes(state), IsEmpty());
  state.record.clear_other_users();
  EXPECT_FALSE(SchemaNotSafe(state).has_value());
  EXPECT_THAT(SchemaKeptNotes(state), ElementsAre(HasSubstr("nothing older uses it")));
}

TEST(SchemaNotSafe, NamesOtherEnvironmentsBesideTheReleaseOfBefore) {
  DeploymentState state = FirstAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  state.record.mutable_previous()->insert({"web", {}});
  EXPECT_THAT(SchemaNotSafe(state)->message(),
              HasSubstr("the release of before and web v4 (environment stage) may not"));
}

TEST(SchemaNotSafe, IsNotSaidOfWhatAnotherEnvironmentCanRunOn) {
  const DeploymentState state = FirstAfter({MigrationThatMeant("main", v1::SCHEMA_SAFE)});
  EXPECT_FALSE(SchemaNotSafe(state).has_value());
  EXPECT_THAT(SchemaKeptNotes(state),
              ElementsAre("the migration of database main stays: web v4 (environment stage) can "
                          "run on what it has left"));
}

TEST(SchemaNotSafe, IsNotSaidOfWhatWasLeftBeforeTheOtherEnvironmentWasDeployed) {
  DeploymentState state = FirstAfter({MigrationThatMeant("main", v1::SCHEMA_UNCHANGED)});
  *state.record.add_since() = LeftBy("d-0a", v1::SCHEMA_UNSAFE);
  EXPECT_FALSE(SchemaNotSafe(state).has_value());
  *state.record.add_since() = LeftBy("d-0c", v1::SCHEMA_UNSAFE);
  EXPECT_THAT(SchemaNotSafe(state)->evidence(), Contains(HasSubstr("what d-0c has migrated")));
}

TEST(SchemaNotSafe, IsSaidWhereNobodyKnowsWhatIsLeft) {
  EXPECT_TRUE(
      SchemaNotSafe(StateAfter({MigrationOf("main", v1::STEP_UNKNOWN_OUTCOME)})).has_value());
}

}  // namespace
}  // namespace davit::core
