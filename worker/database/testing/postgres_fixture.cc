#include "worker/database/testing/postgres_fixture.h"

#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "tests/support/unique.h"

namespace davit::database {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);
constexpr absl::string_view kReady = "database system is ready to accept connections";

void Append(const std::string& path, absl::string_view line) {
  std::ofstream(path, std::ios::app) << line << '\n';
}

std::string RowsText(PGresult* result) {
  std::string text;
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<std::string> values;
    for (int column = 0; column < PQnfields(result); ++column) {
      values.emplace_back(PQgetvalue(result, row, column));
    }
    absl::StrAppend(&text, absl::StrJoin(values, "|"), "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start(
    const std::vector<std::string>& settings) {
  auto server = std::unique_ptr<PostgresServer>(new PostgresServer());
  server->port_ = test::FreePort();
  absl::Status status = server->MakeData(settings);
  if (status.ok()) status = server->StartAgain();
  if (!status.ok()) return status;
  return server;
}

PostgresServer::~PostgresServer() {
  // Its data go with it: an immediate shutdown will do.
  if (process_ != nullptr && process_->Running()) kill(process_->pid(), SIGQUIT);
}

absl::Status PostgresServer::MakeData(const std::vector<std::string>& settings) {
  // On the way to its data, and for the socket.
  std::filesystem::permissions(directory_.path(), std::filesystem::perms{0777});
  const std::string password_file = directory_.Write("password", password());
  const auto made =
      test::RunProgram(AsServerUser({Program("initdb"), "-D", data_directory(), "-U", "postgres",
                                     "--no-sync", "--no-locale", "-E", "UTF8", "--auth-local=trust",
                                     "--auth-host=scram-sha-256", "--pwfile", password_file}));
  if (!made.ok()) return made.status();
  for (const absl::string_view line :
       {"listen_addresses = '127.0.0.1'", "fsync = off", "full_page_writes = off",
        "shared_buffers = 16MB", "max_wal_size = 64MB", "autovacuum = off", "wal_level = logical",
        "max_prepared_transactions = 8"}) {
    AddSetting(line);
  }
  AddSetting(absl::StrCat("port = ", port_));
  AddSetting(absl::StrCat("unix_socket_directories = '", socket_directory(), "'"));
  for (const std::string& line : settings) AddSetting(line);
  return absl::OkStatus();
}

absl::Status PostgresServer::Launch() {
  Stop();
  std::error_code none_yet;
  std::filesystem::rename(log_path(), absl::StrCat(log_path(), ".", starts_++), none_yet);
  auto process =
      test::Process::Start(AsServerUser({Program("postgres"), "-D", data_directory()}), log_path());
  if (!process.ok()) return process.status();
  process_ = *std::move(process);
  return absl::OkStatus();
}

absl::Status PostgresServer::StartAgain() {
  const absl::Status launched = Launch();
  return launched.ok() ? process_->AwaitOutput(kReady, kStartPatience) : launched;
}

void PostgresServer::Stop() {
  if (process_ == nullptr) return;
  if (process_->Running()) kill(process_->pid(), SIGINT);
  process_->AwaitOutput("database system is shut down", kStartPatience).IgnoreError();
  process_.reset();
}

void PostgresServer::StopAtOnce() {
  if (process_ == nullptr) return;
  if (process_->Running()) kill(process_->pid(), SIGQUIT);
  process_->AwaitOutput("database system is shut down", kStartPatience).IgnoreError();
  process_.reset();
}

std::string PostgresServer::Url(absl::string_view database) const {
  const std::string escaped =
      absl::StrReplaceAll(password(), {{"/", "%2F"}, {":", "%3A"}, {"@", "%40"}});
  return absl::StrCat("postgresql://postgres:", escaped, "@127.0.0.1:", port_, "/", database);
}

std::string PostgresServer::SocketUrl(absl::string_view database) const {
  return absl::StrCat("postgresql://postgres@/", database, "?host=", socket_directory(),
                      "&port=", port_);
}

absl::StatusOr<std::string> PostgresServer::Sql(absl::string_view database,
                                                absl::string_view sql) const {
  PGconn* connection = PQconnectdb(SocketUrl(database).c_str());
  const absl::Cleanup finish = [connection] { PQfinish(connection); };
  if (PQstatus(connection) != CONNECTION_OK) {
    return absl::UnavailableError(PQerrorMessage(connection));
  }
  PGresult* result = PQexec(connection, std::string(sql).c_str());
  const absl::Cleanup clear = [result] { PQclear(result); };
  const ExecStatusType state = PQresultStatus(result);
  if (state != PGRES_COMMAND_OK && state != PGRES_TUPLES_OK && state != PGRES_EMPTY_QUERY) {
    return absl::InternalError(PQerrorMessage(connection));
  }
  return RowsText(result);
}

void PostgresServer::AddSetting(absl::string_view line) const {
  Append(absl::StrCat(data_directory(), "/postgresql.conf"), line);
}

void PostgresServer::AddHostRule(absl::string_view line) const {
  const std::string path = absl::StrCat(data_directory(), "/pg_hba.conf");
  std::ostringstream before;
  before << std::ifstream(path).rdbuf();
  std::ofstream(path) << line << '\n' << before.str();  // the first that fits counts
}

std::vector<std::string> PostgresServer::AsServerUser(std::vector<std::string> command) {
  // PostgreSQL refuses to run as root.
  if (geteuid() != 0) return command;
  std::vector<std::string> whole = {"setpriv", "--reuid=postgres", "--regid=postgres",
                                    "--init-groups", "--pdeathsig=QUIT"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

std::string PostgresServer::Program(absl::string_view name) {
  // Debian keeps the server's programs out of PATH, a directory a version.
  std::vector<int> versions;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    versions.push_back(std::atoi(entry.path().filename().c_str()));
  }
  if (versions.empty()) return std::string(name);
  const int newest = *std::max_element(versions.begin(), versions.end());
  return absl::StrCat("/usr/lib/postgresql/", newest, "/bin/", name);
}

void PostgresTest::SetUpTestSuite() { server(); }

PostgresServer& PostgresTest::server() {
  static const auto server = [] {
    auto started = PostgresServer::Start();
    // No test can go on without.
    if (!started.ok()) std::cerr << started.status() << std::endl, std::abort();
    return *std::move(started);
  }();
  return *server;
}

void PostgresTest::SetUp() {
  database_ = absl::StrReplaceAll(test::UniqueName("t"), {{"-", "_"}});
  const auto made = server().Sql("postgres", absl::StrCat("CREATE DATABASE ", database_));
  ASSERT_TRUE(made.ok()) << made.status();
}

void PostgresTest::TearDown() {
  const auto gone = server().Sql(
      "postgres", absl::StrCat("DROP DATABASE IF EXISTS ", database_, " WITH (FORCE)"));
  EXPECT_TRUE(gone.ok()) << gone.status();
}

std::string PostgresTest::Sql(absl::string_view sql) const {
  const auto result = server().Sql(database_, sql);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? std::string(absl::StripTrailingAsciiWhitespace(*result)) : "";
}

}  // namespace davit::database
