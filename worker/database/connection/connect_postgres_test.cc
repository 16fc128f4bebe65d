#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/docker.h"
#include "tests/support/listener.h"
#include "tests/support/unique.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/wait.h"
#include "worker/database/testing/postgres_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DatabaseUrl UrlOf(absl::string_view text) {
  const absl::StatusOr<DatabaseUrl> url = ParseDatabaseUrl(text);
  EXPECT_TRUE(url.ok()) << url.status();
  return url.value_or(DatabaseUrl());
}

absl::StatusOr<std::unique_ptr<Connection>> ConnectWith(const DatabaseUrl& url) {
  return Connect(url, {}, test::TestCall());
}

// What people are told of a try that must fail.
ConnectProblem Problem(const DatabaseUrl& url, const ConnectOptions& options = {}) {
  const auto connection = Connect(url, options, test::TestCall());
  EXPECT_FALSE(connection.ok()) << "it lets in";
  return Explain(connection.status(), url);
}

// Tries until it fails for that reason, with these words in the server's.
ConnectProblem AwaitProblem(const DatabaseUrl& url, ConnectReason reason,
                            absl::string_view words = "") {
  const Call call = test::TestCall();
  ConnectProblem problem;
  do {
    const auto connection = Connect(url, {}, call);
    if (connection.ok()) continue;
    problem = Explain(connection.status(), url);
    if (problem.reason == reason && absl::StrContains(problem.evidence, words)) break;
  } while (call.Wait(absl::Milliseconds(10)).ok());
  return problem;
}

// Tries until it is let in.
absl::StatusOr<std::unique_ptr<Connection>> AwaitConnection(const DatabaseUrl& url) {
  const Call call = test::TestCall();
  auto connection = Connect(url, {}, call);
  while (!connection.ok() && call.Wait(absl::Milliseconds(10)).ok()) {
    connection = Connect(url, {}, call);
  }
  return connection;
}

pid_t PostmasterOf(const PostgresServer& server) {
  pid_t pid = 0;
  std::ifstream(absl::StrCat(server.data_directory(), "/postmaster.pid")) >> pid;
  return pid;
}

class ConnectTest : public PostgresTest {};

TEST_F(ConnectTest, LetsInWithPasswordAndOverTheSocket) {
  for (const std::string& text : {url(), server().SocketUrl(database())}) {
    const auto connection = ConnectWith(UrlOf(text));
    ASSERT_TRUE(connection.ok()) << connection.status();
    const auto answer = (*connection)->Query("SELECT current_database()", test::TestCall());
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->Text(0, 0), database());
    EXPECT_GE((*connection)->server_version(), 120000);
  }
}

TEST_F(ConnectTest, GoesWhereTheUrlSaysWhateverTheWorkerWasStartedWith) {
  setenv("PGSSLMODE", "require", /*overwrite=*/1);
  setenv("PGSERVICE", "nowhere", /*overwrite=*/1);
  EXPECT_FALSE(ConnectWith(UrlOf(url())).ok()) << "libpq reads its variables";
  ForgetLibpqVariables();
  const auto connection = ConnectWith(UrlOf(url()));
  EXPECT_TRUE(connection.ok()) << connection.status();
}

TEST_F(ConnectTest, KnowsARefusal) {
  DatabaseUrl nobody = UrlOf(url());
  nobody.hosts.front().port = test::FreePort();
  const ConnectProblem problem = Problem(nobody);
  EXPECT_EQ(problem.reason, ConnectReason::kRefused) << problem.evidence;
  EXPECT_THAT(problem.evidence, HasSubstr("Connection refused"));
  EXPECT_THAT(problem.sentence, HasSubstr(nobody.HostsText()));
}

TEST_F(ConnectTest, KnowsThatNoSocketIsThere) {
  DatabaseUrl nobody = UrlOf(server().SocketUrl());
  nobody.hosts.front().port = test::FreePort();
  EXPECT_EQ(Problem(nobody).reason, ConnectReason::kRefused);
}

TEST_F(ConnectTest, KnowsAWrongPasswordAndKeepsIt) {
  DatabaseUrl wrong = UrlOf(url());
  wrong.password = "not-the-one";
  const ConnectProblem problem = Problem(wrong);
  EXPECT_EQ(problem.reason, ConnectReason::kAuthentication);
  EXPECT_THAT(problem.evidence, HasSubstr("password authentication failed for user"));
  EXPECT_THAT(problem.evidence, Not(HasSubstr("not-the-one")));
  EXPECT_THAT(problem.evidence, Not(HasSubstr("28P01")));
}

TEST_F(ConnectTest, KnowsThatNoDatabaseHasTheName) {
  const ConnectProblem problem = Problem(UrlOf(server().Url("nowhere")));
  EXPECT_EQ(problem.reason, ConnectReason::kNoSuchDatabase) << problem.evidence;
  EXPECT_THAT(problem.sentence, HasSubstr("\"nowhere\""));
}

TEST_F(ConnectTest, KnowsThatARoleMayNotLogIn) {
  const std::string role = absl::StrCat("r_", database());
  Sql(absl::StrCat("CREATE ROLE ", role, " NOLOGIN"));
  DatabaseUrl banned = UrlOf(server().SocketUrl(database()));
  banned.user = role;
  const ConnectProblem problem = Problem(banned);
  EXPECT_EQ(problem.reason, ConnectReason::kNotAllowed) << problem.evidence;
  EXPECT_EQ(problem.likely_cause, "the role was created without LOGIN");
}

TEST_F(ConnectTest, SaysWhichOfSeveralHostsLetItIn) {
  DatabaseUrl several = UrlOf(url());
  several.hosts.insert(several.hosts.begin(), {.name = "127.0.0.1", .port = test::FreePort()});
  DatabaseUrl reached;
  const auto connection = Connect(several, {}, test::TestCall(), reached);
  ASSERT_TRUE(connection.ok()) << connection.status();
  ASSERT_EQ(reached.hosts.size(), 1);
  EXPECT_EQ(reached.hosts.front().port, server().port());
  EXPECT_EQ(reached.hosts.front().address, "127.0.0.1");
  EXPECT_EQ(reached.database, database());
}

TEST_F(ConnectTest, KnowsThatTheServerHasNoTls) {
  DatabaseUrl strict = UrlOf(url());
  strict.options["sslmode"] = "require";
  const ConnectProblem problem = Problem(strict);
  EXPECT_EQ(problem.reason, ConnectReason::kTls);
  EXPECT_THAT(problem.evidence, HasSubstr("server does not support SSL, but SSL was required"));
}

TEST_F(ConnectTest, KnowsThatANameHasNoAddress) {
  DatabaseUrl nowhere = UrlOf(url());
  nowhere.hosts.front().name = "db.invalid";
  EXPECT_EQ(Problem(nowhere).reason, ConnectReason::kNameNotFound);
}

TEST_F(ConnectTest, DialsTheAddressThatIsGivenForAName) {
  DatabaseUrl named = UrlOf(url());
  named.hosts.front().name = "db.invalid";
  named.hosts.front().address = "127.0.0.1";
  EXPECT_TRUE(ConnectWith(named).ok());
}

TEST_F(ConnectTest, GoesToTheNextHostWhereNobodyListens) {
  DatabaseUrl two = UrlOf(url());
  two.hosts.insert(two.hosts.begin(), {"127.0.0.1", test::FreePort()});
  EXPECT_TRUE(ConnectWith(two).ok());
}

TEST_F(ConnectTest, GoesToTheNextAddressOfAName) {
  DatabaseUrl named = UrlOf(url());
  named.hosts.front().name = "localhost";  // where it is ::1 first, nobody listens there
  EXPECT_TRUE(ConnectWith(named).ok());
}

TEST_F(ConnectTest, GivesUpOnAServerThatNeverAnswers) {
  const test::SilentListener silent;
  DatabaseUrl url = UrlOf(this->url());
  url.hosts.front().port = silent.port();
  const ConnectProblem problem = Problem(url, {.connect_timeout = absl::Milliseconds(100)});
  EXPECT_EQ(problem.reason, ConnectReason::kTimeout) << problem.evidence;
  EXPECT_THAT(problem.evidence, HasSubstr("100ms"));
}

TEST_F(ConnectTest, EndsWithACancellationWhileTheServerIsSilent) {
  const test::SilentListener silent;
  DatabaseUrl url = UrlOf(this->url());
  url.hosts.front().port = silent.port();
  CancelToken cancel;
  std::thread canceller([&] {
    silent.WaitForConnection(absl::Minutes(1));
    cancel.Cancel();
  });
  const auto connection = Connect(url, {.connect_timeout = absl::Hours(1)}, {.cancel = &cancel});
  canceller.join();
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ConnectTest, EndsWithTheDeadlineWhileTheServerIsSilent) {
  const test::SilentListener silent;
  DatabaseUrl url = UrlOf(this->url());
  url.hosts.front().port = silent.port();
  const auto connection =
      Connect(url, {.connect_timeout = absl::Hours(1)}, Call().Within(absl::Milliseconds(100)));
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kDeadlineExceeded);
}

// What needs a server that is not well.
class UnwellServerTest : public ::testing::Test {
 protected:
  void Start(const std::vector<std::string>& settings = {}) {
    auto started = PostgresServer::Start(settings);
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    url_ = UrlOf(server_->Url());
  }

  std::unique_ptr<PostgresServer> server_;
  DatabaseUrl url_;
};

TEST_F(UnwellServerTest, HasNoConnectionLeftForPlainUsers) {
  Start({"max_connections = 4", "superuser_reserved_connections = 3", "max_wal_senders = 0"});
  ASSERT_TRUE(server_->Sql("postgres", "CREATE ROLE ada LOGIN").ok());
  DatabaseUrl plain = UrlOf(server_->SocketUrl());
  plain.user = "ada";
  // The session that made the role may not have ended in the server yet.
  const auto first = AwaitConnection(plain);
  ASSERT_TRUE(first.ok()) << first.status();
  // Tries that were refused hold a connection each, until the server has ended them.
  const ConnectProblem problem =
      AwaitProblem(plain, ConnectReason::kTooManyClients, "connection slots are reserved");
  EXPECT_EQ(problem.reason, ConnectReason::kTooManyClients);
  EXPECT_THAT(problem.evidence, HasSubstr("connection slots are reserved"));
  EXPECT_TRUE(AwaitConnection(UrlOf(server_->SocketUrl())).ok()) << "superusers have theirs";
}

TEST_F(UnwellServerTest, IsStartingUpWhileItRecovers) {
  Start();
  server_->Stop();
  // A standby that nobody may read: it waits for its primary for ever.
  const std::ofstream signal(absl::StrCat(server_->data_directory(), "/standby.signal"));
  server_->AddSetting("hot_standby = off");
  ASSERT_TRUE(server_->Launch().ok());
  const ConnectProblem problem = AwaitProblem(url_, ConnectReason::kStartingUp);
  EXPECT_EQ(problem.reason, ConnectReason::kStartingUp) << problem.evidence;
}

TEST_F(UnwellServerTest, IsShuttingDownWhileASessionHoldsIt) {
  Start();
  const auto session = ConnectWith(url_);
  ASSERT_TRUE(session.ok()) << session.status();
  kill(PostmasterOf(*server_), SIGTERM);  // smart: it waits for the session
  const ConnectProblem problem = AwaitProblem(url_, ConnectReason::kShuttingDown);
  EXPECT_EQ(problem.reason, ConnectReason::kShuttingDown) << problem.evidence;
}

TEST_F(UnwellServerTest, IsWaitedForUntilItIsThere) {
  Start();
  server_->Stop();
  std::vector<ConnectReason> reasons;
  const auto connection = WaitForDatabase(url_, {.interval = absl::Milliseconds(1)}, {},
                                          test::TestCall(), [&](const FailedAttempt& failed) {
                                            reasons.push_back(failed.problem.reason);
                                            if (failed.number < 2) return;
                                            EXPECT_TRUE(server_->StartAgain().ok());
                                            EXPECT_TRUE(server_->StartAgain().ok());
                                          });
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ(reasons, std::vector(2, ConnectReason::kRefused));
}

TEST_F(UnwellServerTest, MayCreateTheDatabaseWhileItIsWaitedFor) {
  Start();
  const DatabaseUrl url = UrlOf(server_->Url("shop"));
  const auto connection =
      WaitForDatabase(url, {.interval = absl::Milliseconds(1)}, {}, test::TestCall(),
                      [&](const FailedAttempt& failed) {
                        EXPECT_EQ(failed.problem.reason, ConnectReason::kNoSuchDatabase);
                        EXPECT_TRUE(server_->Sql("postgres", "CREATE DATABASE shop").ok());
                      });
  EXPECT_TRUE(connection.ok()) << connection.status();
}

}  // namespace
}  // namespace davit::database
