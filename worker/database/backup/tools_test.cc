#include "worker/database/backup/tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/testing/fake_tools.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A host with directories of tools that say what they are.
class ToolsTest : public ::testing::Test {
 protected:
  void Install(const std::string& directory, const std::string& says) {
    for (const char* const name : {"/pg_dump", "/pg_restore"}) {
      const std::string path = host_.Write(absl::StrCat(directory, name),
                                           absl::StrCat("#!/bin/sh\necho '", says, "'\n"));
      chmod(path.c_str(), 0700);
    }
  }
  absl::StatusOr<HostTools> Find(int server_major) {
    return HostTools::Find({}, server_major,
                           {.versions = host_.File("postgresql"), .path = {host_.File("bin")}});
  }
  std::string File(const std::string& name) { return host_.File(name); }

 private:
  test::TempDir host_;
};

TEST_F(ToolsTest, AreThoseOfTheServersMajorVersion) {
  Install("postgresql/14/bin", "pg_dump (PostgreSQL) 14.9");
  Install("postgresql/15/bin", "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)");
  Install("bin", "pg_dump (PostgreSQL) 17.2");
  const auto tools = Find(15);
  ASSERT_TRUE(tools.ok()) << tools.status();
  EXPECT_EQ(tools->directory(), File("postgresql/15/bin"));
  EXPECT_EQ(tools->version(), "15.18");
}

TEST_F(ToolsTest, AreTheNearestNewerOnesWhereThereAreNoneOfTheServersVersion) {
  Install("postgresql/17/bin", "pg_dump (PostgreSQL) 17.2");
  Install("bin", "pg_dump (PostgreSQL) 16beta1");
  const auto tools = Find(15);
  ASSERT_TRUE(tools.ok()) << tools.status();
  EXPECT_EQ(tools->major_version(), 16);
  EXPECT_EQ(tools->version(), "16beta1");
}

TEST_F(ToolsTest, AreSaidToBeTooOldByWhatIsThere) {
  Install("postgresql/14/bin", "pg_dump (PostgreSQL) 14.9");
  const auto failure = ArchiveFailureOf(Find(15).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kToolTooOld);
  EXPECT_THAT(failure->sentence, HasSubstr("PostgreSQL 15"));
  EXPECT_THAT(failure->evidence, HasSubstr("postgresql/14/bin has 14.9"));
  EXPECT_THAT(failure->advice, HasSubstr("postgresql-client-15"));
}

TEST_F(ToolsTest, AreSaidToBeMissingWhereOnlyOneOfTheTwoOrAnotherProgramIs) {
  chmod(File("postgresql/15/bin/pg_dump").c_str(), 0700);
  Install("bin", "something else");
  const auto failure = ArchiveFailureOf(Find(15).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kToolMissing);
  EXPECT_THAT(failure->evidence, HasSubstr(File("bin")));
}

ArchiveFailure FailureOfEnd(const ChildEnd& end) {
  FakeTools tools;
  tools.OnDump([&](const ToolRun&) { return end; });
  const auto failure = ArchiveFailureOf(
      RunTool({}, tools, {.environment = {{"PGPASSWORD", "s3cret-word"}}}, "the backup of shop"));
  return failure.value_or(ArchiveFailure{.sentence = "none"});
}

TEST(RunTool, SaysWhichToolEndedHowWithItsLastWords) {
  const ArchiveFailure failure =
      FailureOfEnd({.exit_code = 1, .error_tail = "1\n2\n3\n4\n5\npg_dump: error: no\n"});
  EXPECT_EQ(failure.reason, ArchiveReason::kToolFailed);
  EXPECT_EQ(failure.sentence, "the backup of shop did not get done: pg_dump exited with 1");
  EXPECT_EQ(failure.evidence, "2\n3\n4\n5\npg_dump: error: no");
}

TEST(RunTool, ShowsNobodysRows) {
  const ArchiveFailure failure =
      FailureOfEnd({.exit_code = 1,
                    .error_tail = "pg_restore: error: COPY failed for table \"customer\": ERROR:  "
                                  "invalid input\n"
                                  "DETAIL:  Key (mail)=(ada@example.org) exists.\n"
                                  "CONTEXT:  COPY customer, line 7: \"7\tada\n"
                                  "lovelace\"\n"
                                  "pg_restore: warning: errors ignored\n"});
  EXPECT_EQ(failure.evidence,
            "pg_restore: error: COPY failed for table \"customer\": ERROR:  invalid input\n"
            "pg_restore: warning: errors ignored");
}

TEST(RunTool, MasksThePassword) {
  const ArchiveFailure failure =
      FailureOfEnd({.exit_code = 1, .error_tail = "connecting with s3cret-word"});
  EXPECT_THAT(failure.evidence, Not(HasSubstr("s3cret-word")));
}

TEST(RunTool, KnowsWhyAToolFails) {
  EXPECT_EQ(FailureOfEnd({.exit_code = 1, .error_tail = "x: No space left on device"}).reason,
            ArchiveReason::kDiskFull);
  EXPECT_EQ(
      FailureOfEnd({.exit_code = 1, .error_tail = "aborting because of server version mismatch"})
          .reason,
      ArchiveReason::kToolTooOld);
  EXPECT_EQ(FailureOfEnd({.exit_code = 1, .error_tail = "permission denied for table t"}).reason,
            ArchiveReason::kRights);
  const ArchiveFailure killed = FailureOfEnd({.signal = 9});
  EXPECT_EQ(killed.reason, ArchiveReason::kToolKilled);
  EXPECT_THAT(killed.sentence, HasSubstr("signal 9 (Killed)"));
}

TEST(RunTool, TellsACancellationFromADeadline) {
  FakeTools tools;
  tools.OnDump([](const ToolRun&) { return absl::CancelledError("stop"); });
  EXPECT_EQ(ArchiveFailureOf(RunTool({}, tools, {}, "it"))->reason, ArchiveReason::kCancelled);
  tools.OnDump([](const ToolRun&) { return absl::DeadlineExceededError("late"); });
  EXPECT_EQ(ArchiveFailureOf(RunTool({}, tools, {}, "it"))->reason, ArchiveReason::kTimedOut);
}

}  // namespace
}  // namespace davit::database
