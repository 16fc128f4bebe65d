#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/archive.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/database/connection/connection.h"
#include "worker/database/testing/fake_tools.h"
#include "worker/database/testing/postgres_fixture.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Backups of this test's database with the host's own tools.
class BackupOfPostgresTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    auto tools = HostTools::Find({}, 15, HostToolPlaces());
    ASSERT_TRUE(tools.ok()) << tools.status();
    tools_ = *std::move(tools);
    Sql("CREATE TABLE orders AS SELECT n, md5(random()::text) AS what "
        "FROM generate_series(1, 20000) n");
  }
  std::string directory() const { return temp_.File("backups"); }
  BackupRequest Request() const {
    return {.directory = directory(),
            .environment = LibpqEnvironmentOf(*ParseDatabaseUrl(url())),
            .server = "127.0.0.1",
            .server_version = "15"};
  }
  absl::StatusOr<BackupRecord> Make(const Call& call = {}, const BackupProgress& progress = {}) {
    return MakeBackup(call, *tools_, SystemClock(), Request(), progress);
  }
  ArchiveFailure FailureOfMaking(const BackupRequest& request, ToolRunner& tools) {
    const auto failure =
        ArchiveFailureOf(MakeBackup({}, tools, SystemClock(), request, nullptr).status());
    return failure.value_or(ArchiveFailure{.sentence = "none"});
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      if (entry.path().filename() != ".lock") names.push_back(entry.path().filename());
    }
    return names;
  }

  test::TempDir temp_;
  std::optional<HostTools> tools_;
};

// The command lines of all processes, a line each.
std::string AllCommandLines() {
  std::string all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    std::ostringstream line;
    line << std::ifstream(entry.path() / "cmdline").rdbuf();
    absl::StrAppend(&all, line.str(), "\n");
  }
  return all;
}

TEST_F(BackupOfPostgresTest, IsWholeAndTellsItsProgressByBytes) {
  int64_t written = 0;
  int64_t read = 0;
  const auto record = Make({}, [&](BackupPhase phase, int64_t bytes) {
    (phase == BackupPhase::kDumping ? written : read) = bytes;
  });
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->database, database());
  EXPECT_GT(record->size_bytes, 100'000);
  EXPECT_GT(written, 0);
  EXPECT_EQ(read, record->size_bytes);
  EXPECT_TRUE(VerifyBackup({}, *tools_, directory(), *record, nullptr).ok());
}

TEST_F(BackupOfPostgresTest, CutOffIsFoundThoughItsTableOfContentsIsWhole) {
  const auto record = Make();
  ASSERT_TRUE(record.ok()) << record.status();
  const std::string path = BackupDirectory(directory()).File(record->file);
  ASSERT_EQ(truncate(path.c_str(), record->size_bytes / 2), 0);
  ASSERT_TRUE(
      test::RunProgram({absl::StrCat(tools_->directory(), "/pg_restore"), "--list", path}).ok());
  const auto archive = ArchiveFile::Open(path);
  ASSERT_TRUE(archive.ok()) << archive.status();
  const auto failure = ArchiveFailureOf(ReadWholeArchive({}, *tools_, *archive, nullptr));
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kArchiveDamaged);
  EXPECT_THAT(failure->evidence, HasSubstr("end of file"));
}

TEST_F(BackupOfPostgresTest, LeavesNothingOnADiskThatIsFull) {
  std::filesystem::create_directory(directory());
  ASSERT_EQ(mount("tmpfs", directory().c_str(), "tmpfs", 0, "size=128k,mode=0700"), 0)
      << "only root can mount a small disk";
  const auto unmount = absl::MakeCleanup([this] { umount2(directory().c_str(), MNT_DETACH); });
  const ArchiveFailure failure = FailureOfMaking(Request(), *tools_);
  EXPECT_EQ(failure.reason, ArchiveReason::kDiskFull) << failure.sentence;
  EXPECT_THAT(failure.evidence, HasSubstr("No space left on device"));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupOfPostgresTest, LeavesNothingWhenPgDumpIsKilledHalfWay) {
  const std::string bin = temp_.File("bin");
  const std::string dump =
      temp_.Write("bin/pg_dump",
                  "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 15.1' && exit\n"
                  "head -c 4096 /dev/zero; kill -9 $$\n");
  chmod(dump.c_str(), 0700);
  chmod(temp_.Write("bin/pg_restore", "#!/bin/sh\n").c_str(), 0700);
  auto tools = HostTools::Find({}, 15, {.versions = "", .path = {bin}});
  ASSERT_TRUE(tools.ok()) << tools.status();
  EXPECT_EQ(FailureOfMaking(Request(), *tools).reason, ArchiveReason::kToolKilled);
  EXPECT_THAT(Names(), IsEmpty());
}

// pg_dump waits for a table that another session has locked.
TEST_F(BackupOfPostgresTest, CanBeCancelledAndShowsNobodyThePassword) {
  const auto holder = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(holder.ok()) << holder.status();
  ASSERT_TRUE((*holder)->Query("BEGIN; LOCK TABLE orders", {}).ok());
  CancelToken cancel;
  std::string seen;
  const auto record = Make({.cancel = &cancel}, [&](BackupPhase, int64_t) {
    if (Sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") return;
    seen = AllCommandLines();
    cancel.Cancel();
  });
  const auto failure = ArchiveFailureOf(record.status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kCancelled);
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_THAT(seen, HasSubstr("pg_dump"));
  EXPECT_FALSE(absl::StrContains(seen, PostgresServer::password()));
}

TEST_F(BackupOfPostgresTest, SaysWhatTheServerSaidAndNoPassword) {
  BackupRequest request = Request();
  request.environment["PGPASSWORD"] = "wrong-password";
  const ArchiveFailure failure = FailureOfMaking(request, *tools_);
  EXPECT_THAT(failure.evidence, HasSubstr("password authentication failed"));
  EXPECT_THAT(failure.evidence, Not(HasSubstr("wrong-password")));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupOfPostgresTest, SaysWhichTableItMayNotRead) {
  const std::string role = absl::StrCat("reader_of_", database());
  Sql(absl::StrCat("CREATE ROLE ", role, " LOGIN PASSWORD 'reader'"));
  const auto drop = absl::MakeCleanup([&] { Sql(absl::StrCat("DROP ROLE ", role)); });
  BackupRequest request = Request();
  request.environment["PGUSER"] = role;
  request.environment["PGPASSWORD"] = "reader";
  const ArchiveFailure failure = FailureOfMaking(request, *tools_);
  EXPECT_EQ(failure.reason, ArchiveReason::kRights);
  EXPECT_THAT(failure.evidence, HasSubstr("permission denied for table orders"));
}

}  // namespace
}  // namespace davit::database
