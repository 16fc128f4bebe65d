#include "worker/database/restore/swap_obstacles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "worker/database/testing/restore_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

// A load by a role that is no superuser, while a database serves.
class SwapObstaclesTest : public RestoreTest {
 protected:
  ArchiveFailure Refused(const LoadRequest& request) {
    const absl::Status loaded = LoadBackup({}, *tools_, ConnectorOfOwner(), request, nullptr);
    EXPECT_EQ(Databases(), OnlyTheOldOne()) << "nothing is made";
    return ArchiveFailureOf(loaded).value_or(ArchiveFailure{});
  }
  LoadRequest AtOnce() const {
    LoadRequest request = LoadOf();
    request.sessions_patience = absl::ZeroDuration();
    request.environment["PGUSER"] = owner_;
    request.environment["PGPASSWORD"] = "owner";
    return request;
  }
};

TEST_F(SwapObstaclesTest, ALoadRefusesSessionsThatTheSwapCouldNotEnd) {
  DatabaseUrl url_of_admin = *ParseDatabaseUrl(url());
  const auto session = Connect(url_of_admin, {.application_name = "psql of ada"}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  const ArchiveFailure failure = Refused(AtOnce());
  EXPECT_EQ(failure.reason, ArchiveReason::kRights);
  EXPECT_THAT(failure.evidence, HasSubstr(absl::StrCat("session ", (*session)->backend_pid(),
                                                       " of postgres, a superuser")));
}

TEST_F(SwapObstaclesTest, ALoadLeavesTheSessionsOfTheAppsForTheirEnd) {
  const auto session = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  LoadRequest request = AtOnce();
  request.app_role = "postgres";
  const absl::Status loaded = LoadBackup({}, *tools_, ConnectorOfOwner(), request, nullptr);
  EXPECT_TRUE(loaded.ok()) << loaded;
}

TEST_F(SwapObstaclesTest, ALoadRefusesWhatLogicalReplicationReads) {
  Sql("SELECT pg_create_logical_replication_slot('to_the_warehouse', 'test_decoding')");
  const ArchiveFailure failure = Refused(AtOnce());
  EXPECT_EQ(failure.reason, ArchiveReason::kHeld);
  EXPECT_THAT(failure.evidence, HasSubstr("slot to_the_warehouse (test_decoding), not in use now"));
  Sql("SELECT pg_drop_replication_slot('to_the_warehouse')");
}

TEST_F(SwapObstaclesTest, ALoadRefusesPreparedTransactions) {
  Sql("BEGIN; UPDATE state SET word = 'later'; PREPARE TRANSACTION 'of the shop''s till'");
  const ArchiveFailure failure = Refused(AtOnce());
  EXPECT_EQ(failure.reason, ArchiveReason::kHeld);
  EXPECT_THAT(failure.evidence, HasSubstr("'of the shop''s till' of role postgres"));
  Sql("ROLLBACK PREPARED 'of the shop''s till'");
}

TEST_F(SwapObstaclesTest, SettingsThatOnlyASuperuserMaySetAreToldAndDoNotKeepTheBackupOut) {
  Server(absl::StrCat("ALTER DATABASE ", database(), " SET log_min_duration_statement TO '1s'"));
  Server(absl::StrCat("ALTER DATABASE ", database(), " SET work_mem TO '7MB'"));
  Server(absl::StrCat("ALTER ROLE postgres IN DATABASE ", database(), " SET work_mem TO '8MB'"));
  ASSERT_TRUE(LoadBackup({}, *tools_, ConnectorOfOwner(), AtOnce(), nullptr).ok());
  const auto swapped = SwapIn({}, ConnectorOfOwner(), SwapOf());
  ASSERT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_THAT(swapped->left_out, ::testing::UnorderedElementsAre("log_min_duration_statement",
                                                                 "work_mem of role postgres"));
  EXPECT_EQ(Sql("SHOW work_mem"), "7MB");
}

}  // namespace
}  // namespace davit::database
