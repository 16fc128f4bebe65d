#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/docker.h"
#include "tests/support/process.h"
#include "tests/support/unique.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/server_info.h"
#include "worker/database/testing/postgres_fixture.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

class QueryTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    connection_ = Open(url());
  }

  static std::unique_ptr<Connection> Open(const std::string& url,
                                          const ConnectOptions& options = {}) {
    auto connection = Connect(*ParseDatabaseUrl(url), options, test::TestCall());
    EXPECT_TRUE(connection.ok()) << connection.status();
    return connection.ok() ? *std::move(connection) : nullptr;
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(QueryTest, AnswersInText) {
  const auto answer = connection_->Query(
      "SELECT 1 AS one, NULL AS none, 'x|y' AS text UNION ALL SELECT 2, 'b', ''", test::TestCall());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->columns, ElementsAre("one", "none", "text"));
  ASSERT_EQ(answer->rows.size(), 2);
  EXPECT_THAT(answer->rows[0],
              ElementsAre(Optional(std::string("1")), std::nullopt, Optional(std::string("x|y"))));
  EXPECT_EQ(answer->Text(1, 1), "b");
  EXPECT_EQ(answer->Text(7, 7), "");
}

TEST_F(QueryTest, TakesParametersAsTheyAre) {
  const auto answer =
      connection_->Query("SELECT $1::text || $2", {"it's; DROP", "\"x\""}, test::TestCall());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->Text(0, 0), "it's; DROP\"x\"");
}

TEST_F(QueryTest, CountsWhatItChanged) {
  const auto made = connection_->Query(
      "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 7)", test::TestCall());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->affected, 7);
  EXPECT_EQ(Sql("SELECT count(*) FROM t"), "7") << "it is committed";
}

TEST_F(QueryTest, UndoesATransactionThatIsRolledBack) {
  for (const char* sql : {"BEGIN", "CREATE TABLE gone (id int)", "ROLLBACK"}) {
    EXPECT_TRUE(connection_->Query(sql, test::TestCall()).ok()) << sql;
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_class WHERE relname = 'gone'"), "0");
}

TEST_F(QueryTest, HasTheServersWordsAndState) {
  const absl::Status status =
      connection_->Query("SELECT * FROM nowhere", test::TestCall()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(SqlState(status), "42P01");
  EXPECT_THAT(status.message(), HasSubstr("relation \"nowhere\" does not exist"));
  EXPECT_TRUE(connection_->Query("SELECT 1", test::TestCall()).ok()) << "the session goes on";
}

TEST_F(QueryTest, IsEndedByTheServerAfterTheStatementTimeout) {
  const auto connection = Open(url(), {.statement_timeout = absl::Milliseconds(20)});
  const absl::Status status = connection->Query("SELECT pg_sleep(600)", test::TestCall()).status();
  EXPECT_EQ(SqlState(status), "57014") << status;
}

TEST_F(QueryTest, IsCancelledWithItsCallAndLeavesTheSessionWell) {
  CancelToken cancel;
  std::thread user([&] {
    const Call call = test::TestCall();
    while (Sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
               "'SELECT pg_sleep(6%'") == "0") {
      if (!call.Wait(absl::Milliseconds(10)).ok()) break;
    }
    cancel.Cancel();
  });
  const absl::Status status =
      connection_->Query("SELECT pg_sleep(600)", {.cancel = &cancel}).status();
  user.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(connection_->Query("SELECT 1", test::TestCall()).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
                "'SELECT pg_sleep(6%'"),
            "0");
}

TEST_F(QueryTest, EndsEvenWhereTheServerIsStopped) {
  const pid_t backend = connection_->backend_pid();
  kill(backend, SIGSTOP);
  const absl::Status status =
      connection_->Query("SELECT 1", Call().Within(absl::Milliseconds(50))).status();
  kill(backend, SIGCONT);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(QueryTest, SaysThatTheConnectionIsLostAndMakesNoOtherInItsPlace) {
  Sql(absl::StrCat("SELECT pg_terminate_backend(", connection_->backend_pid(), ", 10000)"));
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = connection_->Query("SELECT 1", test::TestCall()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("encoding")));
  }
}

TEST_F(QueryTest, KnowsTheServer) {
  const auto info = ReadServerInfo(*connection_, test::TestCall());
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->version, connection_->server_version());
  EXPECT_EQ(absl::StrCat(info->version), Sql("SHOW server_version_num"));
  EXPECT_EQ(info->version_text, Sql("SHOW server_version"));
  EXPECT_EQ(info->major_version, info->version / 10000);
  EXPECT_GT(info->database_bytes, 1'000'000);
  EXPECT_TRUE(info->superuser);
  EXPECT_FALSE(info->read_only);
  EXPECT_FALSE(info->pooler);
}

TEST_F(QueryTest, KnowsThatPgbouncerIsBetween) {
  const int port = test::FreePort();
  const test::TempDir directory;
  const std::string config = directory.Write(
      "pgbouncer.ini",
      absl::StrCat("[databases]\n* = host=", server().socket_directory(), " port=", server().port(),
                   " user=postgres",
                   "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\nauth_type = any\n"
                   "pool_mode = transaction\nlisten_port = ",
                   port, "\n"));
  std::filesystem::permissions(directory.path(), std::filesystem::perms{0755});
  const auto bouncer = test::Process::Start(PostgresServer::AsServerUser({"pgbouncer", config}),
                                            directory.File("log"));
  ASSERT_TRUE(bouncer.ok()) << bouncer.status();
  const absl::Status up = (*bouncer)->AwaitOutput("process up", absl::Seconds(30));
  ASSERT_TRUE(up.ok()) << up;
  const auto pooled = Open(absl::StrCat("postgres://postgres:x@127.0.0.1:", port, "/", database()),
                           {.statement_timeout = absl::Minutes(1)});
  ASSERT_NE(pooled, nullptr);
  const auto info = ReadServerInfo(*pooled, test::TestCall());
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_TRUE(info->pooler);
  const auto timeout = pooled->Query("SHOW statement_timeout", test::TestCall());
  ASSERT_TRUE(timeout.ok()) << timeout.status();
  EXPECT_EQ(timeout->Text(0, 0), "0") << "it would be there for other clients too";
}

}  // namespace
}  // namespace davit::database
