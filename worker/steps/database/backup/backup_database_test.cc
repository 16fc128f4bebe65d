#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "worker/steps/database/backup/message.h"
#include "worker/steps/testing/database_steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class BackupDatabaseTest : public DatabaseStepsTest {
 protected:
  void SetUp() override {
    DatabaseStepsTest::SetUp();
    Sql("CREATE TABLE orders AS SELECT n, md5(n::text) AS what FROM generate_series(1, 20000) n");
  }
  worker::v1::ListBackupsResponse Listed() const {
    const auto listed = ListBackupsIn(directory());
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? *listed : worker::v1::ListBackupsResponse();
  }
  // A small file system where backups lie, for as long as the result lives.
  auto SmallDisk(const std::string& size) {
    std::filesystem::create_directory(directory());
    EXPECT_EQ(mount("tmpfs", directory().c_str(), "tmpfs", 0,
                    absl::StrCat("mode=0700,size=", size).c_str()),
              0)
        << "only root can mount a small disk";
    return absl::MakeCleanup([this] { umount2(directory().c_str(), MNT_DETACH); });
  }
};

TEST_F(BackupDatabaseTest, TellsWhatItHasMadeAndListsIt) {
  const auto outputs = Run(Backup());
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  const v1::Backup& backup = outputs->backup();
  EXPECT_EQ(backup.database(), "main");
  EXPECT_EQ(backup.host(), "db-1");
  EXPECT_EQ(backup.database_name(), database());
  EXPECT_EQ(backup.deployment_id(), "shop-dev-7");
  EXPECT_EQ(std::filesystem::file_size(backup.path()), backup.size_bytes());
  EXPECT_THAT(backup.sha256(), SizeIs(64));
  EXPECT_THAT(outputs->summary(), EndsWith(": " + backup.path()));
  const auto listed = Listed();
  ASSERT_THAT(listed.backups(), SizeIs(1));
  v1::Backup named = listed.backups(0);
  EXPECT_EQ(named.database(), "");
  named.set_database("main");
  named.set_host("db-1");
  EXPECT_EQ(named.SerializeAsString(), backup.SerializeAsString());
}

TEST_F(BackupDatabaseTest, CountsTheBytesThatItHasVerified) {
  const v1::Backup backup = MakeBackup();
  ASSERT_THAT(reporter_.told(), Not(IsEmpty()));
  EXPECT_THAT(reporter_.Text(), HasSubstr("verify"));
  EXPECT_EQ(reporter_.told().back().unit(), "bytes");
  EXPECT_LE(reporter_.told().back().done(), backup.size_bytes());
}

TEST_F(BackupDatabaseTest, KeepsAsManyAsItIsToldTo) {
  const v1::Backup first = MakeBackup();
  const v1::Backup second = MakeBackup();
  const auto third = Run(Backup(/*keep=*/2));
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_THAT(third->summary(), HasSubstr("1 older one removed"));
  const auto listed = Listed();
  ASSERT_THAT(listed.backups(), SizeIs(2));
  EXPECT_EQ(listed.backups(0).path(), third->backup().path());
  EXPECT_EQ(listed.backups(1).path(), second.path());
}

TEST_F(BackupDatabaseTest, KeepsWhatOtherProjectsAndEnvironmentsHaveMade) {
  context_.key.set_project("other");
  const v1::Backup others = MakeBackup();
  context_.key.set_project("shop");
  const v1::Backup first = MakeBackup();
  const auto second = Run(Backup(/*keep=*/1));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(std::filesystem::exists(others.path()));
  EXPECT_FALSE(std::filesystem::exists(first.path()));
}

TEST_F(BackupDatabaseTest, AWorkerThatRestartedFindsWhatTheOneBeforeHasMade) {
  const v1::Backup made = MakeBackup();
  context_.resumed = true;
  EXPECT_EQ(MakeBackup().SerializeAsString(), made.SerializeAsString());
  std::filesystem::resize_file(made.path(), 100);
  EXPECT_NE(MakeBackup().path(), made.path());
}

TEST_F(BackupDatabaseTest, DoesNotBeginWhereThereIsNoRoom) {
  const auto disk = SmallDisk("32k");
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("there is no room for a backup in"));
  EXPECT_THAT(failure.next_command(), HasSubstr("backup.directory"));
  EXPECT_THAT(reporter_.told(), IsEmpty());
}

TEST_F(BackupDatabaseTest, LeavesNothingOnADiskThatGetsFullMeanwhile) {
  const auto disk = SmallDisk("384k");
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure, Shows("No space left on device"));
  EXPECT_THAT(Listed().backups(), IsEmpty());
}

TEST_F(BackupDatabaseTest, NamesThePackageWherePgDumpIsMissing) {
  places_ = {.versions = temp_.File("none"), .path = {temp_.path()}};
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("this host has no pg_dump"));
  EXPECT_THAT(failure.next_command(), HasSubstr("postgresql-client-15"));
}

TEST_F(BackupDatabaseTest, NamesThePackageWherePgDumpIsOlderThanTheServer) {
  UseTools("echo 'pg_dump (PostgreSQL) 14.9'", "exit 1");
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("the server is PostgreSQL 15"));
  EXPECT_THAT(failure, Shows("has 14.9"));
  EXPECT_THAT(failure.next_command(), HasSubstr("postgresql-client-15"));
}

TEST_F(BackupDatabaseTest, WhatIsCutOffIsNoBackup) {
  const std::string dump = database::PostgresServer::Program("pg_dump");
  UseTools(absl::StrCat("[ $1 = --version ] && exec ", dump, " --version\n", dump,
                        " \"$@\" | head -c 100000"),
           absl::StrCat("exec ", database::PostgresServer::Program("pg_restore"), " \"$@\""));
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("the backup is damaged"));
  EXPECT_THAT(Listed().backups(), IsEmpty());
}

TEST_F(BackupDatabaseTest, WhatWasCutOffLaterIsListedWithTheReason) {
  const v1::Backup made = MakeBackup();
  std::filesystem::resize_file(made.path(), 100);
  const worker::v1::ListBackupsResponse listed = Listed();
  EXPECT_THAT(listed.backups(), IsEmpty());
  ASSERT_THAT(listed.unusable(), SizeIs(1));
  EXPECT_EQ(listed.unusable(0).backup().path(), made.path());
  EXPECT_EQ(listed.unusable(0).backup().deployment_id(), made.deployment_id());
  EXPECT_THAT(listed.unusable(0).reason(), HasSubstr("it was cut off"));
}

TEST_F(BackupDatabaseTest, WarnsOfOneThatIsDatedInTheFuture) {
  const std::filesystem::path path = MakeBackup().path();
  const std::string record = std::filesystem::path(path).replace_extension(".json");
  std::ostringstream text;
  text << std::ifstream(record).rdbuf();
  auto json = nlohmann::json::parse(text.str());
  json["started_unix_ms"] = 4'000'000'000'000;
  std::ofstream(record) << json.dump();
  const auto outputs = Run(Backup(/*keep=*/1));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->summary(), HasSubstr(path.filename().string() + " is dated in the future"));
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(BackupDatabaseTest, RefusesAPoolerThatHandsSessionsOnAndTakesTheAdminUrlPastIt) {
  const Pooler pooler(server(), "transaction");
  SetUrl(pooler.Url(database()));
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("pooler in transaction mode"));
  EXPECT_THAT(failure.next_command(), HasSubstr("databases.main.admin_url"));
  SetAdminUrl(url());
  EXPECT_TRUE(Run(Backup()).ok());
}

TEST_F(BackupDatabaseTest, GoesThroughAPoolerThatKeepsSessionsApart) {
  const Pooler pooler(server(), "session");
  SetUrl(pooler.Url(database()));
  const auto outputs = Run(Backup());
  EXPECT_TRUE(outputs.ok()) << outputs.status();
}

TEST_F(BackupDatabaseTest, RefusesToBackUpAnotherDatabaseThanTheAppsUse) {
  SetAdminUrl(server().Url("postgres"));
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("its admin_url leads to another database than its url"));
  EXPECT_THAT(Listed().backups(), IsEmpty());
  SetAdminUrl(url() + "?application_name=admin");
  MakeBackup();
}

TEST_F(BackupDatabaseTest, NamesWhoHoldsTheLockThatItWaitsFor) {
  const auto holder = database::Connect(*database::ParseDatabaseUrl(url()),
                                        {.application_name = "vacuum of ada"}, {});
  ASSERT_TRUE(holder.ok()) << holder.status();
  ASSERT_TRUE((*holder)->Query("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", {}).ok());
  worker::v1::StepSpec backup = Backup();
  v1::Failure failure;
  // A machine on which pg_dump is not at its locks within three seconds gives it more.
  for (const int seconds : {3, 12, 40}) {
    backup.mutable_backup_database()->mutable_timeout()->set_seconds(seconds);
    failure = Fail(backup);
    if (absl::StrContains(reporter_.Text(), "waits for a lock")) break;
  }
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(reporter_.Text(), HasSubstr("waits for a lock: Session"));
  EXPECT_THAT(failure, Shows(absl::StrCat("Session ", (*holder)->backend_pid(),
                                          " of postgres (vacuum of ada)")));
  EXPECT_THAT(failure.next_command(), HasSubstr("end the session that holds the lock"));
}

TEST_F(BackupDatabaseTest, DialsTheAddressThatTheNameHasInTheContainers) {
  access_.clear_networks();
  access_.add_extra_hosts("database:127.0.0.1");
  SetUrl(absl::StrReplaceAll(url(), {{"127.0.0.1", "database"}}));
  const auto outputs = Run(Backup());
  EXPECT_TRUE(outputs.ok()) << outputs.status();
}

TEST_F(BackupDatabaseTest, SaysWhatTheRoleMayNotReadWithoutThePassword) {
  Sql("CREATE ROLE reader_of_backups LOGIN PASSWORD 'hunter2'");
  const auto drop = absl::MakeCleanup([this] { Sql("DROP ROLE reader_of_backups"); });
  SetUrl(absl::StrCat("postgres://reader_of_backups:hunter2@127.0.0.1:", server().port(), "/",
                      database()));
  const v1::Failure failure = Fail(Backup());
  EXPECT_THAT(failure, HasCode(v1::BACKUP_FAILED));
  EXPECT_THAT(failure, Shows("permission denied for table orders"));
  EXPECT_THAT(failure.next_command(), HasSubstr("admin_url"));
  EXPECT_THAT(absl::StrCat(failure.DebugString(), reporter_.Text()), Not(HasSubstr("hunter2")));
}

TEST_F(BackupDatabaseTest, EndsWhenItIsCancelled) {
  CancelToken token;
  context_.call.cancel = &token;
  reporter_.OnProgress([&token](const v1::StepProgress&) { token.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(Run(Backup()).status()));
  EXPECT_THAT(Listed().backups(), IsEmpty());
}

TEST_F(BackupDatabaseTest, ADirectoryThatIsNotThereHasNoBackups) {
  EXPECT_THAT(Listed().backups(), IsEmpty());
  EXPECT_FALSE(ListBackupsIn("relative").ok());
}

}  // namespace
}  // namespace davit::steps
