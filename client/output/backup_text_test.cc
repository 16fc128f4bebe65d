#include "client/output/backup_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/output/backup_summary.h"
#include "client/output/summary.h"

namespace davit::output {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kBegun = 1'700'000'000;
const absl::Time kThreeHoursLater = absl::FromUnixSeconds(kBegun) + absl::Hours(3);

v1::Backup BackupOfMain() {
  v1::Backup backup;
  backup.set_database("main");
  backup.set_host("db1");
  backup.set_path("/var/lib/davit/backups/shop-20231114.dump");
  backup.set_size_bytes(12'300'000);
  backup.set_database_name("shop_production");
  backup.set_server_version("15.18");
  backup.mutable_start_time()->set_seconds(kBegun);
  backup.mutable_duration()->set_seconds(4);
  backup.set_deployment_id("d-1");
  return backup;
}

std::string Listed(const v1::ListBackupsResponse& backups, int width = 0) {
  return BackupListText(backups, " -e dev --local", kThreeHoursLater, absl::UTCTimeZone(), width);
}

TEST(BackupListText, ShowsWhatARestoreIsToldAndWhereItLies) {
  v1::ListBackupsResponse backups;
  *backups.add_backups() = BackupOfMain();
  EXPECT_THAT(Listed(backups),
              AllOf(HasSubstr("main      shop-20231114.dump  2023-11-14 22:13:20  3h00m  12.3 MB"),
                    HasSubstr("on db1 in /var/lib/davit/backups\n"), Not(HasSubstr("no record"))));
}

TEST(BackupListText, KeepsNameAndFileOnANarrowTerminal) {
  v1::ListBackupsResponse backups;
  *backups.add_backups() = BackupOfMain();
  EXPECT_THAT(Listed(backups, 40), HasSubstr("main      shop-20231114.dump"));
}

TEST(BackupListText, SaysWhyABackupHasNoName) {
  v1::ListBackupsResponse backups;
  *backups.add_backups() = BackupOfMain();
  backups.mutable_backups(0)->clear_database();
  EXPECT_THAT(Listed(backups), HasSubstr("this controller has no record of"));
}

TEST(BackupListText, NamesWhatCannotBeRestoredWithTheReason) {
  v1::ListBackupsResponse backups;
  *backups.add_unusable()->mutable_backup() = BackupOfMain();
  backups.mutable_unusable(0)->set_reason("it has 5 bytes instead of 19: it was cut off");
  const std::string line =
      "cannot be restored: shop-20231114.dump on db1 in /var/lib/davit/backups: it has 5 bytes "
      "instead of 19: it was cut off\n";
  EXPECT_THAT(Listed(backups), AllOf(HasSubstr("no backups; make one"), HasSubstr(line)));
  *backups.add_backups() = BackupOfMain();
  EXPECT_THAT(Listed(backups), AllOf(HasSubstr("on db1 in"), HasSubstr(line)));
}

TEST(BackupListText, DoesNotTakeADateInTheFutureForTheNewest) {
  v1::ListBackupsResponse backups;
  *backups.add_backups() = BackupOfMain();
  EXPECT_THAT(Listed(backups), Not(HasSubstr("future")));
  backups.mutable_backups(0)->mutable_start_time()->set_seconds(kBegun + 24L * 3600);
  EXPECT_THAT(Listed(backups), AllOf(HasSubstr("  in the future  12.3 MB"),
                                     HasSubstr("made while a clock was wrong")));
}

TEST(BackupListText, SaysHowTheFirstOneIsMade) {
  EXPECT_EQ(Listed({}), "no backups; make one with `davit backup -e dev --local`\n");
}

TEST(RestoreText, SaysWhatIsLost) {
  const std::string text =
      RestoreText(BackupOfMain(), "main", kThreeHoursLater, absl::UTCTimeZone(), 0);
  EXPECT_THAT(text, HasSubstr("everything that was written to main since 2023-11-14 22:13:20 "
                              "(3h00m ago) will be lost"));
  EXPECT_THAT(text, Not(HasSubstr("no record")));
}

TEST(RestoreText, WarnsOfABackupThatMayBeOfAnotherDatabase) {
  v1::Backup backup = BackupOfMain();
  backup.clear_database();
  EXPECT_THAT(RestoreText(backup, "main", kThreeHoursLater, absl::UTCTimeZone(), 0),
              HasSubstr("its database was called shop_production"));
}

v1::Deployment Work(v1::Operation operation, v1::DeploymentState state) {
  v1::Deployment deployment;
  deployment.set_id("d-1");
  deployment.set_operation(operation);
  deployment.set_state(state);
  return deployment;
}

v1::Step& AddEndedStep(v1::Deployment& deployment, const std::string& kind,
                       const std::string& title, v1::StepState state) {
  v1::Step& step = *deployment.add_steps();
  step.set_kind(kind);
  step.set_host("h1");
  step.set_title(title);
  step.set_phase(v1::RELEASE);
  step.set_attempt(state == v1::STEP_SKIPPED ? 0 : 1);
  step.set_state(state);
  return step;
}

TEST(FinalLine, OfABackupSaysWhatWasMade) {
  v1::Deployment deployment = Work(v1::OPERATION_BACKUP, v1::SUCCEEDED);
  *deployment.add_steps()->mutable_backup() = BackupOfMain();
  EXPECT_EQ(FinalLine(deployment), "backup made and verified: main (12.3 MB)");
  EXPECT_EQ(ReleaseNames(deployment), "backup of main");
}

TEST(FinalLine, OfARestoreSaysThatTheAppsRunAgain) {
  v1::Deployment deployment = Work(v1::OPERATION_RESTORE, v1::SUCCEEDED);
  AddEndedStep(deployment, "stop_container", "stop web v3", v1::STEP_SUCCEEDED);
  AddEndedStep(deployment, "check_health", "check health of web v3", v1::STEP_SUCCEEDED);
  EXPECT_EQ(FinalLine(deployment),
            "the backup is in its database's place, and the apps run again (checked healthy)");
}

TEST(FinalLine, OfARestoreNamesWhatWasLeftDown) {
  v1::Deployment deployment = Work(v1::OPERATION_RESTORE, v1::SUCCEEDED);
  AddEndedStep(deployment, "check_health", "see whether web v3 runs", v1::STEP_WARNED);
  EXPECT_EQ(FinalLine(deployment),
            "the backup is in its database's place; web v3 on h1 does not run: it was down "
            "before, and was left so");
  AddEndedStep(deployment, "check_health", "check health of api v2", v1::STEP_SUCCEEDED);
  EXPECT_EQ(FinalLine(deployment),
            "the backup is in its database's place, and api v2 on h1 runs again (checked "
            "healthy); web v3 on h1 does not run: it was down before, and was left so");
}

TEST(FinalLine, OfARestoreThatFoundNoAppsPromisesNoneOfThem) {
  EXPECT_EQ(FinalLine(Work(v1::OPERATION_RESTORE, v1::SUCCEEDED)),
            "the backup is in its database's place");
}

TEST(FinalLine, OfARollbackThatRestoresNamesWhatWasLeftDown) {
  v1::Deployment deployment = Work(v1::OPERATION_ROLLBACK, v1::SUCCEEDED);
  AddEndedStep(deployment, "check_health", "see whether jobs v3 runs", v1::STEP_WARNED);
  EXPECT_THAT(FinalLine(deployment), HasSubstr("; jobs v3 on h1 does not run"));
}

TEST(FinalLine, OfARestoreThatFailedSaysThatAllIsAsItWas) {
  v1::Deployment deployment = Work(v1::OPERATION_RESTORE, v1::FAILED);
  EXPECT_EQ(FinalLine(deployment), "the restore failed; nothing was changed");
  deployment.set_state(v1::ROLLED_BACK);
  AddEndedStep(deployment, "stop_container", "stop web v3", v1::STEP_SUCCEEDED);
  AddEndedStep(deployment, "check_health", "check health of web v3", v1::STEP_SKIPPED);
  EXPECT_EQ(FinalLine(deployment),
            "the restore failed; the database is as it was, and the apps that were stopped run "
            "again");
}

TEST(FinalLine, OfARestoreThatFailedNamesWhatItHadNotStartedYet) {
  v1::Deployment deployment = Work(v1::OPERATION_RESTORE, v1::FAILED);
  AddEndedStep(deployment, "check_health", "check health of web v3", v1::STEP_SKIPPED);
  EXPECT_EQ(FinalLine(deployment),
            "the restore failed; nothing was changed; web v3 on h1 was down before, and is");
}

TEST(FinalLine, OfARestoreThatNeedsAttentionPromisesNothing) {
  v1::Deployment deployment = Work(v1::OPERATION_RESTORE, v1::NEEDS_ATTENTION);
  EXPECT_EQ(FinalLine(deployment), "the restore needs attention: a human must look");
  AddEndedStep(deployment, "load_backup", "load main-1.dump", v1::STEP_FAILED);
  EXPECT_EQ(FinalLine(deployment),
            "the restore needs attention: a human must look; no app was stopped, and the database "
            "is as it was");
  AddEndedStep(deployment, "stop_container", "stop web v3", v1::STEP_SUCCEEDED);
  EXPECT_EQ(FinalLine(deployment), "the restore needs attention: a human must look");
}

}  // namespace
}  // namespace davit::output
