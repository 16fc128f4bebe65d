#include "worker/database/swap_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/restore_fixture.h"
#include "worker/database/restore_target.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

class SwapInTest : public RestoreTest {
 protected:
  void SetUp() override {
    RestoreTest::SetUp();
    const absl::Status loaded = Load(connector());
    ASSERT_TRUE(loaded.ok()) << loaded;
  }
  void RemoveTheFreshOne() const { Server(absl::StrCat("DROP DATABASE ", Fresh())); }
};

TEST_F(SwapInTest, OwnerAndSettingsAreThoseOfTheSwapAndNotOfTheLoad) {
  Server(absl::StrCat("ALTER DATABASE ", database(), " OWNER TO postgres; ALTER DATABASE ",
                      database(), " SET work_mem TO '7MB'; COMMENT ON DATABASE ", database(),
                      " IS 'since the load'; REVOKE ALL ON DATABASE ", database(), " FROM PUBLIC"));
  const std::string look = absl::StrCat(
      "SELECT pg_get_userbyid(datdba), datacl, shobj_description(oid, 'pg_database'), setconfig "
      "FROM pg_database JOIN pg_db_role_setting ON setdatabase = oid WHERE datname = '",
      database(), "'");
  const std::string before = Server(look);
  EXPECT_THAT(before, HasSubstr("work_mem=7MB"));
  const auto swapped = SwapIn({}, connector(), SwapOf());
  ASSERT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_EQ(State(), "then");
  EXPECT_EQ(Server(look), before);
}

TEST_F(SwapInTest, WhereAnotherRestoreHasRemovedTheFreshOneNothingIsChanged) {
  RemoveTheFreshOne();
  const auto session = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  const auto failure = ArchiveFailureOf(SwapIn({}, connector(), SwapOf()).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kLoadedGone);
  EXPECT_THAT(failure->evidence, HasSubstr(Fresh()));
  EXPECT_TRUE((*session)->Query("SELECT word FROM state", {}).ok()) << "its sessions go on";
  EXPECT_EQ(Databases(), OnlyTheOldOne());
}

TEST_F(SwapInTest, APartOfABackupIsNotPutInPlace) {
  Server(absl::StrCat("COMMENT ON DATABASE ", Fresh(), " IS NULL"));
  EXPECT_EQ(ReasonOfRestore(SwapIn({}, connector(), SwapOf()).status()),
            ArchiveReason::kLoadedGone);
  EXPECT_EQ(State(), "now");
}

TEST_F(SwapInTest, ASwapThatWasDoneIsNotDoneAgain) {
  const auto first = SwapIn({}, connector(), SwapOf());
  ASSERT_TRUE(first.ok()) << first.status();
  Sql("UPDATE state SET word = 'after'");
  SwapRequest again = SwapOf();
  again.resumed = true;
  const auto second = SwapIn({}, connector(), again);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->before, first->before);
  EXPECT_EQ(State(), "after");
}

TEST_F(SwapInTest, ASwapThatWasBrokenOffByTheServersEndIsDoneThen) {
  Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  SwapRequest again = SwapOf();
  EXPECT_EQ(ReasonOfRestore(SwapIn({}, connector(), again).status()), ArchiveReason::kServer)
      << "who is first has not refused them";
  again.resumed = true;
  const auto swapped = SwapIn({}, connector(), again);
  ASSERT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_EQ(State(), "then");
}

// Sends the swap, and loses what the server says to it.
class LossyConnection final : public Connection {
 public:
  explicit LossyConnection(std::unique_ptr<Connection> real) : real_(std::move(real)) {}
  absl::StatusOr<QueryResult> Query(absl::string_view sql,
                                    const std::vector<std::string>& parameters,
                                    const Call& call) override {
    auto said = real_->Query(sql, parameters, call);
    if (absl::StartsWith(sql, "DO ")) return absl::UnavailableError("the connection is lost");
    return said;
  }
  int server_version() const override { return real_->server_version(); }
  int backend_pid() const override { return real_->backend_pid(); }

 private:
  const std::unique_ptr<Connection> real_;
};

TEST_F(SwapInTest, IsDoneWhereOnlyTheAnswerWasLost) {
  const auto real = connector();
  const auto lossy = [&](const std::string& name,
                         const Call& call) -> absl::StatusOr<std::unique_ptr<Connection>> {
    auto connection = real(name, call);
    if (!connection.ok()) return connection.status();
    return std::make_unique<LossyConnection>(*std::move(connection));
  };
  const auto swapped = SwapIn({}, lossy, SwapOf());
  ASSERT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_EQ(State(), "then");
}

TEST_F(SwapInTest, SaysWhatToLookAtWhereTheServerIsNotReachedAnyMore) {
  const auto real = connector();
  int connections = 0;
  const auto lost = [&](const std::string& name,
                        const Call& call) -> absl::StatusOr<std::unique_ptr<Connection>> {
    if (++connections > 1) return absl::UnavailableError("no route");
    auto connection = real(name, call);
    if (!connection.ok()) return connection.status();
    return std::make_unique<LossyConnection>(*std::move(connection));
  };
  const auto failure = ArchiveFailureOf(SwapIn({}, lost, SwapOf()).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kOutcomeUnknown);
  EXPECT_THAT(failure->advice, HasSubstr("ALLOW_CONNECTIONS true"));
}

}  // namespace
}  // namespace davit::database
