#include "client/output/schema_summary.h"

#include <gtest/gtest.h>

#include "client/output/database_maker.h"
#include "client/output/event_maker.h"
#include "client/output/summary.h"

namespace davit::output {
namespace {

// As web v3 has ended, after a step that failed.
v1::Deployment EndedAfter(v1::DeploymentState state, const v1::Step& step) {
  EventMaker maker;
  maker.Pass(absl::Seconds(9));
  maker.Deployment(state);
  *maker.deployment().add_steps() = step;
  return maker.deployment();
}

void AddHealthyAgain(v1::Deployment& deployment) {
  v1::Step start = DatabaseStep("start_container", "start web v3");
  start.set_phase(v1::RELEASE);
  start.set_app("web");
  *deployment.add_steps() = start;
  v1::Step check = DatabaseStep("check_health", "check health of web v2");
  check.set_phase(v1::ROLLBACK);
  check.set_app("web");
  *deployment.add_steps() = check;
}

TEST(SchemaSummary, SaysOfAMigrationThatLeftNothingThatAllIsAsItWas) {
  EXPECT_EQ(FinalLine(EndedAfter(v1::FAILED, MigrationStep(v1::SCHEMA_UNCHANGED))),
            "web v3 failed after 9.0s; v2 was not touched; the schema is as it was");
}

TEST(SchemaSummary, SaysThatTheOlderReleaseCanRunOnWhatStays) {
  v1::Deployment deployment = EndedAfter(v1::ROLLED_BACK, MigrationStep(v1::SCHEMA_SAFE));
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed after 9.0s; v2 was not touched; the migration stays, and the older "
            "release can run on it");
  AddHealthyAgain(deployment);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed and was rolled back to v2 (checked healthy) after 9.0s; the migration "
            "stays, and the older release can run on it");
}

TEST(SchemaSummary, SaysWhetherTheReleaseOfBeforeServesWhenAHumanMustLook) {
  v1::Deployment deployment = EndedAfter(v1::NEEDS_ATTENTION, MigrationStep(v1::SCHEMA_UNSAFE));
  deployment.mutable_rollback_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 needs attention: a human must look; v2 was not touched, but may not be able "
            "to run on the database as it is now");
  AddHealthyAgain(deployment);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 needs attention: a human must look; rolled back to v2 (checked healthy), but "
            "may not be able to run on the database as it is now");
}

TEST(SchemaSummary, DoesNotSayThatAllIsWellWhereAnEarlierDeploymentHasMigrated) {
  v1::Deployment deployment = EndedAfter(v1::NEEDS_ATTENTION, MigrationStep(v1::SCHEMA_UNCHANGED));
  deployment.mutable_rollback_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 needs attention: a human must look; v2 was not touched, but may not be able "
            "to run on the database as it is now");
}

TEST(SchemaSummary, SaysThatAMigrationWasTakenBack) {
  v1::Deployment deployment = EndedAfter(v1::FAILED, MigrationStep(v1::SCHEMA_UNSAFE));
  *deployment.add_steps() = TakeBackStep(v1::STEP_SUCCEEDED);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed after 9.0s; v2 was not touched; the migration was taken back");
}

TEST(SchemaSummary, SaysThatWhatTasksHaveDoneStays) {
  const v1::Step task = DatabaseStep("run_one_off", "run task superuser of web v3");
  EXPECT_EQ(FinalLine(EndedAfter(v1::FAILED, task)),
            "web v3 failed after 9.0s; v2 was not touched; what tasks have done stays");
  EXPECT_EQ(FinalLine(EndedAfter(v1::CANCELLED, task)),
            "web v3 was cancelled; v2 was not touched; what tasks have done stays");
}

TEST(SchemaSummary, TellsTheCommandOfARollbackFromTasks) {
  v1::Step command = DatabaseStep("run_one_off", "undo the migration");
  command.set_takes_back("main");
  v1::Deployment deployment = EndedAfter(v1::NEEDS_ATTENTION, command);
  deployment.mutable_rollback_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  EXPECT_EQ(SchemaSummary(deployment), "; v2 was not touched");
  EXPECT_EQ(FinalLine(deployment),
            "web v3 needs attention: a human must look; v2 was not touched, but may not be able "
            "to run on the database as it is now");
}

TEST(SchemaSummary, SpeaksOfWhoElseUsesTheDatabaseWhereNoneWasThere) {
  v1::Deployment deployment = EndedAfter(v1::NEEDS_ATTENTION, MigrationStep(v1::SCHEMA_UNSAFE));
  deployment.mutable_releases(0)->clear_replaces();
  deployment.mutable_rollback_failure()->set_code(v1::SCHEMA_NOT_SAFE);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 needs attention: a human must look; nothing that serves was touched, but what "
            "else uses the database may not be able to run on it as it is now");
  v1::Step start = DatabaseStep("start_container", "start web v3");
  start.set_phase(v1::RELEASE);
  start.set_app("web");
  *deployment.add_steps() = start;
  EXPECT_EQ(FinalLine(deployment),
            "web v3 needs attention: a human must look; removed again, but what else uses the "
            "database may not be able to run on it as it is now");
}

TEST(SchemaSummary, IsEmptyWhereOnlyABackupWasMade) {
  EXPECT_EQ(FinalLine(EndedAfter(v1::FAILED, BackupStep())),
            "web v3 failed after 9.0s; nothing was changed");
}

TEST(SchemaSummary, NamesNoReleaseWhereNoneWasThere) {
  v1::Deployment deployment = EndedAfter(v1::FAILED, MigrationStep(v1::SCHEMA_UNCHANGED));
  deployment.mutable_releases(0)->clear_replaces();
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed after 9.0s; nothing that serves was touched; the schema is as it was");
}

TEST(SchemaSummary, SpeaksOfNoOlderReleaseWhereNoneWasThere) {
  for (const auto meaning : {v1::SCHEMA_SAFE, v1::SCHEMA_UNSAFE, v1::SCHEMA_UNKNOWN}) {
    v1::Deployment deployment = EndedAfter(v1::ROLLED_BACK, MigrationStep(meaning));
    deployment.mutable_releases(0)->clear_replaces();
    EXPECT_EQ(FinalLine(deployment),
              "web v3 failed after 9.0s; nothing that serves was touched; the migration stays");
    v1::Step start = DatabaseStep("start_container", "start web v3");
    start.set_phase(v1::RELEASE);
    start.set_app("web");
    *deployment.add_steps() = start;
    EXPECT_EQ(FinalLine(deployment),
              "web v3 failed and was removed again after 9.0s; nothing was live before; the "
              "migration stays");
  }
}

}  // namespace
}  // namespace davit::output
