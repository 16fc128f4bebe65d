#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "worker/steps/database/database_steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A backup of a word, which is another one by now.
class RestoreDatabaseTest : public DatabaseStepsTest {
 protected:
  void SetUp() override {
    DatabaseStepsTest::SetUp();
    Sql("CREATE TABLE state AS SELECT 'then' AS word");
    backup_ = MakeBackup();
    Sql("UPDATE state SET word = 'now'");
  }
  void TearDown() override {
    if (!old_name_.empty()) {
      EXPECT_TRUE(server().Sql("postgres", absl::StrCat("DROP DATABASE ", old_name_)).ok());
    }
    DatabaseStepsTest::TearDown();
  }
  std::string Word() const { return Sql("SELECT word FROM state"); }
  // Databases whose names begin with the test's, besides its own.
  std::string Others() const {
    return Sql(
        absl::StrCat("SELECT datname FROM pg_database WHERE datname LIKE '", database(), "\\_%'"));
  }
  void RestoreIt() {
    const auto outputs = Run(Restore(backup_));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    old_name_ = outputs->restored().old_name();
    EXPECT_THAT(outputs->summary(), HasSubstr(old_name_));
  }

  v1::Backup backup_;
  std::string old_name_;
};

TEST_F(RestoreDatabaseTest, PutsTheBackupInTheDatabasesPlaceAndKeepsThat) {
  RestoreIt();
  EXPECT_EQ(Word(), "then");
  EXPECT_THAT(old_name_, StartsWith(database() + "_before_"));
  EXPECT_EQ(Others(), old_name_);
  EXPECT_THAT(reporter_.Text(), HasSubstr("put it in the database's place"));
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

TEST_F(RestoreDatabaseTest, LeavesTheDatabaseWhenItFailsHalfWay) {
  UseTools(absl::StrCat("exec ", database::PostgresServer::Program("pg_dump"), " \"$@\""),
           absl::StrCat(database::PostgresServer::Program("pg_restore"), " \"$@\" || exit\n",
                        "case \"$*\" in *exit-on-error*)",
                        " echo 'error: could not extend file' >&2; exit 1;; esac"));
  const v1::Failure failure = Fail(Restore(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure, Shows("could not extend file"));
  EXPECT_THAT(failure.next_command(), HasSubstr("make room on the database server"));
  EXPECT_EQ(Word(), "now");
  EXPECT_THAT(Others(), IsEmpty());
}

TEST_F(RestoreDatabaseTest, NoticesABackupThatWasCutOff) {
  std::filesystem::resize_file(backup_.path(), backup_.size_bytes() - 1);
  const v1::Failure failure = Fail(Restore(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("is not what was made"));
  EXPECT_EQ(Word(), "now");
  EXPECT_THAT(Others(), IsEmpty());
}

TEST_F(RestoreDatabaseTest, SaysThatThereIsNoSuchBackup) {
  backup_.set_path(directory() + "/nothing.dump");
  const v1::Failure failure = Fail(Restore(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.next_command(), HasSubstr("davit backups"));
}

TEST_F(RestoreDatabaseTest, RefusesAPoolerThatHandsSessionsOn) {
  const Pooler pooler(server(), "transaction");
  SetUrl(pooler.Url(database()));
  EXPECT_THAT(Fail(Restore(backup_)), HasCode(v1::RESTORE_FAILED));
  SetAdminUrl(url());
  RestoreIt();
  EXPECT_EQ(Word(), "then");
}

}  // namespace
}  // namespace davit::steps
