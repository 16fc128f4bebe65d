#ifndef DAVIT_WORKER_DATABASE_TESTING_POSTGRES_FIXTURE_H_
#define DAVIT_WORKER_DATABASE_TESTING_POSTGRES_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace davit::database {

// A real PostgreSQL server with data of its own, on a free port of 127.0.0.1 and on a
// unix socket in its directory. Superuser postgres: password() over TCP, none on the
// socket. Runs as user postgres where the test is root. It and its data go with the
// object, and it ends with the thread that started it, so that a crashed test leaves
// none behind.
class PostgresServer {
 public:
  // `settings` are lines of postgresql.conf. Returns when it accepts connections.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start(
      const std::vector<std::string>& settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const { return port_; }
  static std::string password() { return "s3cret/of:the@test"; }
  const std::string& socket_directory() const { return directory_.path(); }
  std::string data_directory() const { return directory_.File("data"); }
  std::string log_path() const { return directory_.File("log"); }
  // A file or directory that the server's user may read and write too.
  std::string File(absl::string_view name) const { return directory_.File(name); }

  // postgresql://postgres:…@127.0.0.1:PORT/DATABASE
  std::string Url(absl::string_view database = "postgres") const;
  // The same over the unix socket.
  std::string SocketUrl(absl::string_view database = "postgres") const;

  // Runs statements as the superuser: a line a row of the last one's, columns
  // separated by '|'. An error has the server's words.
  absl::StatusOr<std::string> Sql(absl::string_view database, absl::string_view sql) const;

  // Fast shutdown; sessions are ended. Stopped already: nothing.
  void Stop();
  // Immediate shutdown, as when its power fails: it recovers at its next start.
  void StopAtOnce();
  // Starts it again, with its data and on its port, and returns when it accepts
  // connections.
  absl::Status StartAgain();
  // Starts the process only: it may be at its recovery still, or for ever.
  absl::Status Launch();
  // A line more in postgresql.conf or pg_hba.conf (before the others there); for the
  // next start, or after `SELECT pg_reload_conf()`.
  void AddSetting(absl::string_view line) const;
  void AddHostRule(absl::string_view line) const;

  // Of this server's version: pg_dump, psql… with its directory.
  static std::string Program(absl::string_view name);
  // The command as the user that servers run as; it ends with its parent.
  static std::vector<std::string> AsServerUser(std::vector<std::string> command);

 private:
  PostgresServer() = default;
  absl::Status MakeData(const std::vector<std::string>& settings);

  test::TempDir directory_;
  int port_ = 0;
  int starts_ = 0;
  std::unique_ptr<test::Process> process_;
};

// A database of its own for each test, on one server for the whole program.
class PostgresTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  void SetUp() override;
  void TearDown() override;

  static PostgresServer& server();
  const std::string& database() const { return database_; }
  std::string url() const { return server().Url(database_); }
  // On this test's database. A failure fails the test.
  std::string Sql(absl::string_view sql) const;

 private:
  std::string database_;
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_TESTING_POSTGRES_FIXTURE_H_
