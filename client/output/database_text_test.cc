#include "client/output/database_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/output/database_maker.h"
#include "client/output/deployment_text.h"
#include "client/output/github_text.h"
#include "client/output/plain_text.h"
#include "client/output/step_text.h"

namespace davit::output {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

v1::Step WithChanges(int count) {
  v1::Step step = MigrationStep(v1::SCHEMA_SAFE);
  for (int i = 1; i <= count; ++i) {
    AddChange(step, "Table t" + std::to_string(i) + " was added", v1::SCHEMA_SAFE, "");
  }
  return step;
}

v1::Step WithBothKinds() {
  v1::Step step = MigrationStep(v1::SCHEMA_UNSAFE);
  AddChange(step, "Table a was added", v1::SCHEMA_SAFE, "nothing asks for it");
  AddChange(step, "Column b was dropped from t", v1::SCHEMA_UNSAFE, "its data are gone");
  return step;
}

v1::Deployment DeploymentWith(const v1::Step& step) {
  v1::Deployment deployment;
  deployment.set_id("d-1");
  *deployment.add_steps() = step;
  return deployment;
}

TEST(DatabaseLines, NameTheHostThatHasTheBackup) {
  EXPECT_THAT(DatabaseLines(BackupStep(), Extent::kShort, Style{}),
              ElementsAre("backup of main: db1:/backups/main.dump"));
  EXPECT_EQ(ResultText(BackupStep()), "12.3 MB in 3.2s; 1 older one removed");
}

TEST(DatabaseLines, TellWhatIsNotSafeBeforeWhatIs) {
  EXPECT_THAT(DatabaseLines(WithBothKinds(), Extent::kShort, Style{}),
              ElementsAre("main: 1 change not safe for older code:",
                          "  - Column b was dropped from t: its data are gone",
                          "main: 1 change safe for older code:",
                          "  - Table a was added: nothing asks for it"));
}

TEST(DatabaseLines, TakeWhatHasNoMeaningForNotKnown) {
  v1::Step step = MigrationStep(v1::SCHEMA_MEANING_UNSPECIFIED);
  AddChange(step, "Trigger x was added", v1::SCHEMA_MEANING_UNSPECIFIED, "");
  step.mutable_migration()->add_gaps("schema s may not be read");
  EXPECT_THAT(DatabaseLines(step, Extent::kShort, Style{}),
              ElementsAre("main: 1 change not known to be safe for older code:",
                          "  - Trigger x was added", "main: schema s may not be read"));
}

TEST(DatabaseLines, NameWhatTheBackupWouldTakeBackBesides) {
  v1::Step step = MigrationStep(v1::SCHEMA_UNCHANGED);
  step.mutable_migration()->add_since_backup("d-7");
  const auto told = ElementsAre(
      "main: d-7 migrated it, too, since the backup was begun: to restore that takes it back as "
      "well");
  EXPECT_THAT(DatabaseLines(step, Extent::kShort, Style{}), told);
  step.mutable_failure()->set_message("failed");
  EXPECT_THAT(DatabaseLines(step, Extent::kShort, Style{}), told);
}

TEST(DatabaseLines, CountWhatIsTooMuchToReadAsItScrollsBy) {
  EXPECT_THAT(DatabaseLines(WithChanges(6), Extent::kShort, Style{}), SizeIs(1 + 6));
  EXPECT_THAT(DatabaseLines(WithChanges(7), Extent::kShort, Style{}),
              ElementsAre("main: 7 changes safe for older code:", "  - Table t1 was added",
                          "  - Table t2 was added", "  - Table t3 was added",
                          "  - Table t4 was added", "  - Table t5 was added", "  - and 2 more"));
  EXPECT_THAT(DatabaseLines(WithChanges(7), Extent::kAll, Style{}), SizeIs(1 + 7));
}

TEST(DatabaseLines, SayNothingTwiceThatTheFailureSays) {
  v1::Step step = WithBothKinds();
  step.set_state(v1::STEP_FAILED);
  step.mutable_failure()->add_evidence("  Table a was added (safe)");
  EXPECT_THAT(DatabaseLines(step, Extent::kAll, Style{}), Not(IsEmpty()));
  step.mutable_failure()->add_evidence("  Column b was dropped from t (not safe)");
  EXPECT_THAT(DatabaseLines(step, Extent::kAll, Style{}), IsEmpty());
}

TEST(DatabaseLines, KeepToTheWidthOfATerminal) {
  EXPECT_THAT(DatabaseLines(WithBothKinds(), Extent::kShort, Style{.width = 36}),
              ElementsAre("main: 1 change not safe for older",
                          "code:", "  - Column b was dropped from t: its", "    data are gone",
                          "main: 1 change safe for older code:",
                          "  - Table a was added: nothing asks", "    for it"));
}

TEST(DatabaseLines, StandUnderTheStepInALog) {
  DeploymentModel model;
  v1::Event event;
  event.set_sequence(1);
  *event.mutable_step() = WithBothKinds();
  EXPECT_THAT(PlainText().Lines(event, model),
              ElementsAre("+0.0s   [db1] migrate database main: done",
                          "        main: 1 change not safe for older code:",
                          "          - Column b was dropped from t: its data are gone",
                          "        main: 1 change safe for older code:",
                          "          - Table a was added: nothing asks for it"));
}

TEST(DatabaseLines, AreAllInWhatShowSays) {
  const std::string text =
      DeploymentText(DeploymentWith(WithChanges(30)), absl::UTCTimeZone(), Style{});
  EXPECT_THAT(text, HasSubstr("\nmain: 30 changes safe for older code:\n"));
  EXPECT_THAT(text, HasSubstr("  - Table t30 was added\n"));
}

TEST(DatabaseLines, AreInTheSummaryOfAJob) {
  EXPECT_THAT(JobSummary(DeploymentWith(BackupStep())),
              HasSubstr("**[db1] back up database main**\n\n```text\n"
                        "backup of main: db1:/backups/main.dump\n```\n"));
}

TEST(OwnFailures, TellFirstAndLastThingsWhereItScrollsBy) {
  v1::Deployment deployment;
  v1::Failure& failure = *deployment.mutable_rollback_failure();
  for (int i = 1; i <= 13; ++i) failure.add_evidence("fact " + std::to_string(i));
  EXPECT_THAT(OwnFailures(deployment, Extent::kShort)[0].evidence(), SizeIs(13));
  failure.add_evidence("the backup");
  const auto facts = OwnFailures(deployment, Extent::kShort)[0].evidence();
  ASSERT_THAT(facts, SizeIs(13));
  EXPECT_EQ(facts[9], "fact 10");
  EXPECT_EQ(facts[10], "and 2 more");
  EXPECT_EQ(facts[11], "fact 13");
  EXPECT_EQ(facts[12], "the backup");
  EXPECT_THAT(OwnFailures(deployment, Extent::kAll)[0].evidence(), SizeIs(14));
}

TEST(SchemaLeftBy, IsTheWorstThatWasNotTakenBack) {
  v1::Deployment deployment = DeploymentWith(BackupStep());
  EXPECT_EQ(SchemaLeftBy(deployment), v1::SCHEMA_UNCHANGED);
  *deployment.add_steps() = MigrationStep(v1::SCHEMA_UNSAFE);
  EXPECT_EQ(SchemaLeftBy(deployment), v1::SCHEMA_UNSAFE);
  *deployment.add_steps() = TakeBackStep(v1::STEP_FAILED);
  EXPECT_EQ(SchemaLeftBy(deployment), v1::SCHEMA_UNSAFE);
  *deployment.add_steps() = TakeBackStep(v1::STEP_SUCCEEDED);
  EXPECT_EQ(SchemaLeftBy(deployment), v1::SCHEMA_UNCHANGED);
}

TEST(SchemaLeftBy, IsNotKnownOfAMigrationWhoseEndNobodySaw) {
  v1::Step lost = MigrationStep(v1::SCHEMA_UNCHANGED);
  lost.set_state(v1::STEP_UNKNOWN_OUTCOME);
  EXPECT_EQ(SchemaLeftBy(DeploymentWith(lost)), v1::SCHEMA_UNKNOWN);
}

}  // namespace
}  // namespace davit::output
