// load_backup and what undoes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "worker/steps/database/restore/restore_fixture.h"

namespace davit::steps {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class LoadBackupTest : public RestoreStepsTest {};

TEST_F(LoadBackupTest, ReadsTheBackupIntoAFreshDatabaseBesideTheOneThatServes) {
  LoadIt();
  EXPECT_EQ(Word(), "now");
  EXPECT_THAT(Others(), StartsWith(database() + "_restoring_"));
  EXPECT_THAT(loaded_, EndsWith("into " + Others()));
  EXPECT_EQ(server().Sql(Others(), "SELECT word FROM state").value_or(""), "then\n");
  for (const char* phase : {"verify the backup", "load into a fresh database", "analyze"}) {
    EXPECT_THAT(reporter_.Text(), HasSubstr(phase));
  }
}

TEST_F(LoadBackupTest, AWorkerThatRestartedFindsWhatTheOneBeforeHasLoaded) {
  LoadIt();
  context_.resumed = true;
  LoadIt();
  EXPECT_THAT(Others(), StartsWith(database() + "_restoring_"));
}

TEST_F(LoadBackupTest, WhatUndoesItDropsTheFreshOneAndSaysSo) {
  LoadIt();
  const std::string fresh = Others();
  for (const std::string& word : {fresh + " was dropped", "there is no " + fresh}) {
    const auto outputs = Run(Drop());
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_EQ(outputs->summary(), word);
    EXPECT_THAT(Others(), IsEmpty());
  }
  EXPECT_EQ(Word(), "now");
}

TEST_F(LoadBackupTest, WhatUndoesItLeavesTheOneOfAnotherStep) {
  LoadIt();
  worker::v1::StepSpec drop = Drop();
  drop.mutable_drop_loaded()->set_loading_step_id("shop-dev-8-04");
  EXPECT_TRUE(Run(drop).ok());
  EXPECT_THAT(Others(), Not(IsEmpty()));
}

TEST_F(LoadBackupTest, LeavesNothingWhenItFailsHalfWay) {
  UseTools(absl::StrCat("exec ", database::PostgresServer::Program("pg_dump"), " \"$@\""),
           absl::StrCat(database::PostgresServer::Program("pg_restore"), " \"$@\" || exit\n",
                        "case \"$*\" in *exit-on-error*)",
                        " echo 'error: could not extend file' >&2; exit 1;; esac"));
  const v1::Failure failure = Fail(Load(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure, Shows("could not extend file"));
  EXPECT_THAT(failure.next_command(), HasSubstr("make room on the database server"));
  EXPECT_EQ(Word(), "now");
  EXPECT_THAT(Others(), IsEmpty());
}

TEST_F(LoadBackupTest, NoticesABackupThatWasCutOff) {
  std::filesystem::resize_file(backup_.path(), backup_.size_bytes() - 1);
  const v1::Failure failure = Fail(Load(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("is not what was made"));
  EXPECT_THAT(failure, Shows(absl::StrCat("it has ", backup_.size_bytes() - 1, " bytes instead of ",
                                          backup_.size_bytes())));
  EXPECT_EQ(Word(), "now");
  EXPECT_THAT(Others(), IsEmpty());
}

TEST_F(LoadBackupTest, RefusesOneThatTookTheBackupsPlaceTogetherWithItsRecord) {
  worker::v1::StepSpec load = Load(backup_);
  load.mutable_load_backup()->set_sha256(std::string(64, 'a'));
  const v1::Failure failure = Fail(load);
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("is not the one that was made"));
  EXPECT_THAT(failure, Shows(backup_.sha256()));
  EXPECT_THAT(failure, Shows(std::string(64, 'a')));
  EXPECT_THAT(Others(), IsEmpty());
  load.mutable_load_backup()->set_sha256(backup_.sha256());
  EXPECT_TRUE(Run(load).ok());
}

TEST_F(LoadBackupTest, SaysThatThereIsNoSuchBackup) {
  backup_.set_path(directory() + "/nothing.dump");
  const v1::Failure failure = Fail(Load(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.next_command(), HasSubstr("davit backups"));
}

TEST_F(LoadBackupTest, SaysThatABackupsRecordIsMissing) {
  const std::string record = std::filesystem::path(backup_.path()).replace_extension(".json");
  std::filesystem::remove(record);
  const v1::Failure failure = Fail(Load(backup_));
  EXPECT_THAT(failure.message(), HasSubstr("there is no record of the backup"));
  EXPECT_THAT(failure, Shows(std::filesystem::path(record).filename().string()));
}

TEST_F(LoadBackupTest, RefusesAPoolerThatHandsSessionsOn) {
  const Pooler pooler(server(), "transaction");
  SetUrl(pooler.Url(database()));
  EXPECT_THAT(Fail(Load(backup_)), HasCode(v1::RESTORE_FAILED));
  SetAdminUrl(url());
  LoadIt();
}

TEST_F(LoadBackupTest, RefusesAnAdminUrlOfAnotherDatabaseAndNamesBoth) {
  SetAdminUrl(server().Url("postgres"));
  const v1::Failure failure = Fail(Load(backup_));
  EXPECT_THAT(failure, HasCode(v1::RESTORE_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("its admin_url leads to another database than its url"));
  EXPECT_THAT(failure, Shows("leads to database " + database()));
  EXPECT_THAT(failure, Shows("leads to database postgres"));
  EXPECT_THAT(failure.next_command(), HasSubstr("davit secrets set ADMIN_URL"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(Others(), IsEmpty());
}

// The first host is another server, as a standby is: it lets in, and does not know the fresh one.
TEST_F(LoadBackupTest, StaysWithTheHostThatCanBeWritten) {
  auto standby = database::PostgresServer::Start();
  ASSERT_TRUE(standby.ok()) << standby.status();
  ASSERT_TRUE((*standby)->Sql("postgres", absl::StrCat("CREATE DATABASE ", database())).ok());
  (*standby)->AddSetting("default_transaction_read_only = on");
  ASSERT_TRUE((*standby)->StartAgain().ok());
  SetUrl(absl::StrReplaceAll(
      url(), {{"127.0.0.1:", absl::StrCat("127.0.0.1:", (*standby)->port(), ",127.0.0.1:")}}));
  LoadIt();
  const auto swapped = Run(Restore(backup_));
  EXPECT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_EQ(Word(), "then");
}

TEST_F(LoadBackupTest, ACancelledOneLeavesNothing) {
  CancelToken cancel;
  context_.call.cancel = &cancel;
  reporter_.OnProgress([&](const v1::StepProgress& progress) {
    if (progress.phase() == "load into a fresh database") cancel.Cancel();
  });
  const std::string slowly = "FUNCTION slowly(text) RETURNS bool LANGUAGE sql AS ";
  Sql(absl::StrCat("CREATE ", slowly, "'SELECT true';",
                   "ALTER TABLE state ADD CONSTRAINT slow CHECK (slowly(word));",
                   "CREATE OR REPLACE ", slowly, "'SELECT pg_sleep(60) IS NOT NULL'"));
  backup_ = MakeBackup();
  EXPECT_TRUE(absl::IsCancelled(Run(Load(backup_)).status()));
  EXPECT_EQ(Word(), "now");
  EXPECT_THAT(Others(), IsEmpty());
}

}  // namespace
}  // namespace davit::steps
