#include "controller/core/restoration/rollback_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/database/schema_outcome.h"
#include "controller/core/testing/migration_maker.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace davit::core
