#include "controller/core/database/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/testing/migration_maker.h"

namespace davit::core {
namespace {

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
