#include "worker/database/restore/swap_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/restore/database_swap.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/testing/restore_fixture.h"

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

// Loses the server before the swap, and leaves the database as a swap that broke off does.
class BreakingConnection final : public Connection {
 public:
  explicit BreakingConnection(std::unique_ptr<Connection> real) : real_(std::move(real)) {}
  absl::StatusOr<QueryResult> Query(absl::string_view sql,
                                    const std::vector<std::string>& parameters,
                                    const Call& call) override {
    if (!absl::StartsWith(sql, "DO ")) return real_->Query(sql, parameters, call);
    real_.reset();
    return absl::UnavailableError("the connection is lost");
  }
  int server_version() const override { return 150000; }
  int backend_pid() const override { return 0; }

 private:
  std::unique_ptr<Connection> real_;
};

TEST(SwapInNames, MayHaveWhatTheSwapItselfIsQuotedWith) {
  const auto server = PostgresServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string name = R"(a$davit$'\"b $davit_$)";
  const std::string fresh = RestoringName(name, "key");
  for (const std::string& made : {name, fresh}) {
    ASSERT_TRUE((*server)->Sql("postgres", "CREATE DATABASE " + QuotedIdentifier(made)).ok());
  }
  const auto connection = Connect(*ParseDatabaseUrl((*server)->Url()), {}, {});
  ASSERT_TRUE(connection.ok()) << connection.status();
  const absl::Status swapped = SwapDatabases(
      **connection, {name, fresh, BeforeName(name, absl::Now())}, absl::Seconds(5), {});
  EXPECT_TRUE(swapped.ok()) << swapped;
}

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

// The server is stopped while somebody's prepared transaction keeps the swap waiting, which is
// there again with the server.
TEST(SwapInRestart, WaitsForTheServerAndLetsEverybodyInAgain) {
  for (const bool at_once : {false, true}) {
    auto server = PostgresServer::Start({"max_prepared_transactions = 2"});
    ASSERT_TRUE(server.ok()) << server.status();
    PostgresServer& postgres = **server;
    const auto run = [&](absl::string_view sql) {
      const auto said = postgres.Sql("postgres", sql);
      EXPECT_TRUE(said.ok()) << sql << said.status();
      return said.value_or("");
    };
    run("CREATE DATABASE shop");
    run("CREATE DATABASE " + RestoringName("shop", "key"));
    run(absl::StrCat("COMMENT ON DATABASE ", RestoringName("shop", "key"),
                     " IS 'davit: the backup x.dump, read in to its end'"));
    run("BEGIN; COMMENT ON DATABASE shop IS 'held'; PREPARE TRANSACTION 'held'");
    absl::StatusOr<SwapResult> swapped;
    std::thread swap([&] {
      swapped = SwapIn({}, ConnectorTo(*ParseDatabaseUrl(postgres.Url())),
                       {.database = "shop", .key = "key", .file = "x.dump", .begun = absl::Now()});
    });
    const Call call = Call().Within(absl::Seconds(30));
    while (run("SELECT datallowconn FROM pg_database WHERE datname = 'shop'") != "f\n") {
      if (!call.Wait(absl::Milliseconds(10)).ok()) break;
    }
    at_once ? postgres.StopAtOnce() : postgres.Stop();
    EXPECT_TRUE(postgres.StartAgain().ok());
    swap.join();
    EXPECT_EQ(ReasonOfRestore(swapped.status()), ArchiveReason::kServer) << swapped.status();
    EXPECT_THAT(swapped.status().message(), HasSubstr("in service as before"));
    EXPECT_TRUE(postgres.Sql("shop", "SELECT 1").ok()) << "it is in service";
  }
}

TEST_F(SwapInTest, WhoResumesItWaitsForTheServerThatDiedWithTheWorker) {
  Server(absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS false"));
  server().StopAtOnce();
  std::atomic<int> refused = 0;
  absl::StatusOr<SwapResult> swapped;
  std::thread swap([&] {
    SwapRequest again = SwapOf();
    again.resumed = true;
    const auto real = connector();
    swapped = SwapIn(
        {},
        [&](const std::string& name, const Call& call) {
          auto connection = real(name, call);
          if (!connection.ok()) ++refused;
          return connection;
        },
        again);
  });
  const Call call = Call().Within(absl::Seconds(30));
  while (refused == 0 && call.Wait(absl::Milliseconds(10)).ok()) continue;
  EXPECT_TRUE(server().StartAgain().ok());
  swap.join();
  ASSERT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_EQ(State(), "then");
}

TEST_F(SwapInTest, SaysThatNobodyIsLetInWhereThatCannotBeMended) {
  const auto real = connector();
  int connections = 0;
  const auto lost = [&](const std::string& name,
                        const Call& call) -> absl::StatusOr<std::unique_ptr<Connection>> {
    auto connection = real(name, call);
    if (!connection.ok()) return connection.status();
    if (++connections == 1) return std::make_unique<BreakingConnection>(*std::move(connection));
    return Guarded([&](const std::string&, const Call&) { return std::move(connection); },
                   [](int number) {
                     return number > 2 ? absl::InternalError("injected") : absl::OkStatus();
                   })(name, call);
  };
  SwapRequest request = SwapOf();
  request.return_patience = absl::Seconds(1);
  const auto failure = ArchiveFailureOf(SwapIn({}, lost, request).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kOutcomeUnknown);
  EXPECT_THAT(failure->sentence, HasSubstr("is the one of before, and lets nobody in"));
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
  SwapRequest request = SwapOf();
  request.return_patience = absl::Milliseconds(1);
  const auto failure = ArchiveFailureOf(SwapIn({}, lost, request).status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kOutcomeUnknown);
  EXPECT_THAT(failure->advice, HasSubstr("ALLOW_CONNECTIONS true"));
}

}  // namespace
}  // namespace davit::database
