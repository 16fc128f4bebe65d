#include "controller/core/database/schema_left.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/testing/migration_maker.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

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
  ASSERT_EQ(task.view().takes_back(), "main");
  task.mutable_view()->clear_takes_back();
  EXPECT_EQ(MeaningLeft(StateAfter({state.steps[0], task})), v1::SCHEMA_UNSAFE);
}

}  // namespace
}  // namespace davit::core
