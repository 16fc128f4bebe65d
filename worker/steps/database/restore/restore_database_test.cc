#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "worker/steps/database/restore/restore_fixture.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// With the backup loaded.
class RestoreDatabaseTest : public RestoreStepsTest {
 protected:
  void SetUp() override {
    RestoreStepsTest::SetUp();
    LoadIt();
  }
  void RestoreIt() {
    const auto outputs = Run(Restore(backup_));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    old_name_ = outputs->restored().old_name();
    EXPECT_THAT(outputs->summary(), HasSubstr(old_name_));
  }

  std::string old_name_;
};

TEST_F(RestoreDatabaseTest, PutsTheBackupInTheDatabasesPlaceAndKeepsThat) {
  RestoreIt();
  EXPECT_EQ(Word(), "then");
  EXPECT_THAT(old_name_, StartsWith(database() + "_before_"));
  EXPECT_EQ(Others(), old_name_);
  EXPECT_THAT(reporter_.Text(), HasSubstr("put it in the database's place"));
}

TEST_F(RestoreDatabaseTest, NeedsNoProgramsOfPostgresAndNoBackupAnyMore) {
  UseTools("exit 1", "exit 1");
  std::filesystem::remove(backup_.path());
  RestoreIt();
  EXPECT_EQ(Word(), "then");
}

TEST_F(RestoreDatabaseTest, RefusesAnAdminUrlOfAnotherServerThatHasADatabaseOfThatName) {
  auto other = database::PostgresServer::Start();
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_TRUE((*other)->Sql("postgres", absl::StrCat("CREATE DATABASE ", database())).ok());
  SetAdminUrl((*other)->Url(database()));
  const v1::Failure failure = Fail(Restore(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("leads to another database"));
  EXPECT_EQ(Word(), "now");
}

TEST_F(RestoreDatabaseTest, AWorkerThatRestartedDoesNotRestoreTwice) {
  RestoreIt();
  const std::string first = old_name_;
  Sql("UPDATE state SET word = 'after'");
  context_.resumed = true;
  RestoreIt();
  EXPECT_EQ(old_name_, first);
  EXPECT_EQ(Word(), "after");
}

TEST_F(RestoreDatabaseTest, AWorkerThatRestartedRestoresWhereTheOneBeforeHasNot) {
  context_.resumed = true;
  RestoreIt();
  EXPECT_EQ(Word(), "then");
}

TEST_F(RestoreDatabaseTest, AWorkerThatRestartedGoesOnWhereNobodyIsLetIn) {
  const std::string alter = absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false");
  ASSERT_TRUE(server().Sql("postgres", alter).ok());
  context_.resumed = true;
  RestoreIt();
  EXPECT_EQ(Word(), "then");
}

TEST_F(RestoreDatabaseTest, AWorkerThatRestartedWaitsForTheServerThatDiedWithTheOneBefore) {
  SetAdminUrl(url() + "?application_name=admin");
  server().StopAtOnce();
  context_.resumed = true;
  std::atomic<bool> begun = false;
  reporter_.OnProgress([&](const v1::StepProgress&) { begun = true; });
  std::thread worker([this] { RestoreIt(); });
  const Call call = Call().Within(absl::Seconds(30));
  while (!begun && call.Wait(absl::Milliseconds(10)).ok()) continue;
  EXPECT_TRUE(server().StartAgain().ok());
  worker.join();
  EXPECT_EQ(Word(), "then");
}

TEST_F(RestoreDatabaseTest, SaysThatAnotherRestoreHasRemovedWhatWasLoaded) {
  ASSERT_TRUE(Run(Drop()).ok());
  const v1::Failure failure = Fail(Restore(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("is not there any more"));
  EXPECT_THAT(failure.likely_cause(), HasSubstr("another restore"));
  EXPECT_EQ(Word(), "now");
}

TEST_F(RestoreDatabaseTest, IsRefusedWhereItWasPlannedWithoutALoad) {
  worker::v1::StepSpec spec = Restore(backup_);
  spec.mutable_restore_database()->clear_loading_step_id();
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_EQ(failure.next_command(), "restore again");
  EXPECT_EQ(Word(), "now");
}

}  // namespace
}  // namespace davit::steps
