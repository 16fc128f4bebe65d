#include "controller/core/database/schema_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/database/history.h"
#include "controller/core/restoration/rollback_command.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StepRecord MigrationOf(const std::string& database, v1::StepState how) {
  StepRecord step;
  step.mutable_view()->set_host("h1");
  step.mutable_view()->set_app("web");
  step.mutable_view()->set_attempt(1);
  step.mutable_view()->set_state(how);
  worker::v1::MigrateDatabase& migrate = *step.mutable_spec()->mutable_migrate_database();
  migrate.mutable_database()->set_name(database);
  for (const char* label : {"davit.project", "davit.environment", "davit.deployment"}) {
    (*migrate.mutable_run()->mutable_container()->mutable_labels())[label] = "x";
  }
  return step;
}

StepRecord MigrationThatMeant(const std::string& database, v1::SchemaMeaning meaning,
                              v1::StepState how = v1::STEP_SUCCEEDED) {
  StepRecord step = MigrationOf(database, how);
  v1::Migration& migration = *step.mutable_outputs()->mutable_migration();
  migration.set_meaning(meaning);
  (*migration.mutable_previous())["shop"] = "0004";
  return step;
}

DeploymentState StateAfter(const std::vector<StepRecord>& steps) {
  DeploymentState state = MakeState({.databases = {{"main", {"web"}}, {"other", {}}},
                                     .migrations = {{"main", {.app = "web", .command = true}},
                                                    {"other", {.app = "web", .command = true}}}},
                                    kNow);
  state.steps = steps;
  return state;
}

// As an automatic rollback runs it.
StepRecord TakenBackBy(const DeploymentState& state, v1::StepState how) {
  const NewStep command = RollbackCommandStep(state, MigrationsToTakeBack(state).at(0), "d-1-99");
  StepRecord step;
  step.mutable_view()->set_phase(command.phase);
  step.mutable_view()->set_takes_back(command.takes_back);
  step.mutable_view()->set_attempt(1);
  step.mutable_view()->set_state(how);
  *step.mutable_spec() = command.spec;
  return step;
}

TEST(MeaningLeft, IsThatOfTheWorstMigration) {
  EXPECT_EQ(MeaningLeft(StateAfter({})), v1::SCHEMA_UNCHANGED);
  const StepRecord safe = MigrationThatMeant("main", v1::SCHEMA_SAFE);
  const StepRecord unknown = MigrationThatMeant("other", v1::SCHEMA_UNKNOWN);
  const StepRecord unsafe = MigrationThatMeant("other", v1::SCHEMA_UNSAFE);
  EXPECT_EQ(MeaningLeft(StateAfter({safe})), v1::SCHEMA_SAFE);
  EXPECT_EQ(MeaningLeft(StateAfter({safe, unknown})), v1::SCHEMA_UNKNOWN);
  EXPECT_EQ(MeaningLeft(StateAfter({unsafe, safe})), v1::SCHEMA_UNSAFE);
}

TEST(MeaningLeft, CountsMigrationsThatFailed) {
  EXPECT_EQ(
      MeaningLeft(StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE, v1::STEP_FAILED)})),
      v1::SCHEMA_UNSAFE);
}

TEST(MeaningLeft, IsNothingWhereNoneWasBegun) {
  StepRecord pending = MigrationOf("main", v1::STEP_PENDING);
  pending.mutable_view()->set_attempt(0);
  EXPECT_EQ(MeaningLeft(StateAfter({pending})), v1::SCHEMA_UNCHANGED);
  EXPECT_EQ(MeaningLeft(StateAfter({MigrationOf("main", v1::STEP_FAILED)})), v1::SCHEMA_UNCHANGED);
}

TEST(MeaningLeft, IsNotKnownWhereNobodyCanSay) {
  StepRecord spoke = MigrationOf("main", v1::STEP_FAILED);
  spoke.mutable_log_position()->set_container_id("c");
  const StepRecord doubted = MigrationThatMeant("main", v1::SCHEMA_SAFE, v1::STEP_UNKNOWN_OUTCOME);
  for (const StepRecord& step : {spoke, doubted, MigrationOf("main", v1::STEP_SUCCEEDED)}) {
    EXPECT_EQ(MeaningLeft(StateAfter({step})), v1::SCHEMA_MEANING_UNSPECIFIED);
    EXPECT_TRUE(SchemaNotSafe(StateAfter({step})).has_value());
  }
}

TEST(MeaningLeft, IsWithoutWhatWasTakenBack) {
  const DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  const StepRecord migrated = state.steps[0];
  EXPECT_EQ(MeaningLeft(StateAfter({migrated, TakenBackBy(state, v1::STEP_SUCCEEDED)})),
            v1::SCHEMA_UNCHANGED);
  EXPECT_EQ(MeaningLeft(StateAfter({migrated, TakenBackBy(state, v1::STEP_FAILED)})),
            v1::SCHEMA_UNSAFE);
  EXPECT_EQ(MeaningLeft(StateAfter({migrated, MigrationThatMeant("other", v1::SCHEMA_SAFE),
                                    TakenBackBy(state, v1::STEP_SUCCEEDED)})),
            v1::SCHEMA_SAFE)
      << "that of another database stays";
}

TEST(MeaningLeft, IsNotTakenBackByATaskThatIsCalledLikeThat) {
  const DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  StepRecord task = TakenBackBy(state, v1::STEP_SUCCEEDED);
  EXPECT_TRUE(IsRollbackCommand(task, "main"));
  task.mutable_view()->clear_takes_back();
  EXPECT_EQ(MeaningLeft(StateAfter({state.steps[0], task})), v1::SCHEMA_UNSAFE);
}

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
                          HasSubstr("the backup of before it is /backups/d-0a.dump")));
  EXPECT_THAT(failure->next_command(), HasSubstr("`davit restore -e dev main d-0a.dump`"));
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

TEST(MigrationsToTakeBack, AreThoseThatChangedSomethingLatestFirst) {
  const auto all =
      MigrationsToTakeBack(StateAfter({MigrationThatMeant("main", v1::SCHEMA_SAFE),
                                       MigrationThatMeant("other", v1::SCHEMA_UNSAFE)}));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].database, "other");
  EXPECT_THAT(all[1].command, ElementsAre("migrate", "shop=0004"));
  EXPECT_THAT(MigrationsToTakeBack(StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNCHANGED)})),
              IsEmpty());
}

// To go back to nothing would drop its tables.
TEST(MigrationsToTakeBack, AreNotGuessedAt) {
  StepRecord gap = MigrationThatMeant("main", v1::SCHEMA_UNSAFE);
  gap.mutable_outputs()->mutable_migration()->add_gaps("its ledger could not be read");
  EXPECT_THAT(MigrationsToTakeBack(StateAfter({gap})), IsEmpty());
  EXPECT_THAT(SchemaNotSafe(StateAfter({gap}))->evidence(),
              Contains(HasSubstr("its rollback_command was not run")));
  EXPECT_THAT(MigrationsToTakeBack(StateAfter({MigrationOf("main", v1::STEP_UNKNOWN_OUTCOME)})),
              IsEmpty());
}

TEST(MigrationsToTakeBack, AreOnlyThoseThatWishForIt) {
  DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  state.record.mutable_request()
      ->mutable_spec()
      ->mutable_databases()
      ->at("main")
      .mutable_migrate()
      ->set_rollback("keep");
  EXPECT_THAT(MigrationsToTakeBack(state), IsEmpty());
}

TEST(DatabaseHistory, HasWhatWasDoneToTheDatabaseOfTheApp) {
  const DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE),
                                            MigrationThatMeant("other", v1::SCHEMA_SAFE)});
  const auto history = DatabaseHistoryOf(state, "web");
  ASSERT_TRUE(history.has_value());
  EXPECT_EQ(history->database(), "main");
  EXPECT_EQ(history->deployment_id(), "d-1");
  EXPECT_EQ(history->migration().meaning(), v1::SCHEMA_UNSAFE);
  EXPECT_EQ(history->migration().database(), "main");
  EXPECT_EQ(history->declared().app(), "web");
  EXPECT_FALSE(history->has_backup());
  EXPECT_FALSE(DatabaseHistoryOf(StateAfter({}), "web")->has_migration());
}

TEST(DatabaseHistory, OfWhatWasTakenBackIsNoChange) {
  DeploymentState state = StateAfter({MigrationThatMeant("main", v1::SCHEMA_UNSAFE)});
  state.steps.push_back(TakenBackBy(state, v1::STEP_SUCCEEDED));
  EXPECT_EQ(DatabaseHistoryOf(state, "web")->migration().meaning(), v1::SCHEMA_UNCHANGED);
}

}  // namespace
}  // namespace davit::core
