#include "worker/database/testing/restore_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "worker/database/backup/backup.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/restore/restore_names.h"

namespace davit::database {
namespace {

constexpr char kKeyOfLoad[] = "shop-dev-7-04";

class GuardedConnection final : public Connection {
 public:
  GuardedConnection(std::unique_ptr<Connection> real, std::shared_ptr<int> count,
                    StatementGuard before)
      : real_(std::move(real)), count_(std::move(count)), before_(std::move(before)) {}

  absl::StatusOr<QueryResult> Query(absl::string_view sql,
                                    const std::vector<std::string>& parameters,
                                    const Call& call) override {
    if (absl::Status refused = before_(++*count_); !refused.ok()) return refused;
    return real_->Query(sql, parameters, call);
  }
  int server_version() const override { return real_->server_version(); }
  int backend_pid() const override { return real_->backend_pid(); }

 private:
  const std::unique_ptr<Connection> real_;
  const std::shared_ptr<int> count_;
  const StatementGuard before_;
};

}  // namespace

DatabaseConnector Guarded(DatabaseConnector connect, StatementGuard before) {
  auto count = std::make_shared<int>(0);
  return [=](const std::string& database,
             const Call& call) -> absl::StatusOr<std::unique_ptr<Connection>> {
    auto real = connect(database, call);
    if (!real.ok()) return real.status();
    return std::make_unique<GuardedConnection>(*std::move(real), count, before);
  };
}

ArchiveReason ReasonOfRestore(const absl::Status& status) {
  const auto failure = ArchiveFailureOf(status);
  EXPECT_TRUE(failure.has_value()) << status;
  return failure.value_or(ArchiveFailure{}).reason;
}

void RestoreTest::SetUp() {
  PostgresTest::SetUp();
  auto tools = HostTools::Find({}, 15, HostToolPlaces());
  ASSERT_TRUE(tools.ok()) << tools.status();
  tools_ = *std::move(tools);
  owner_ = absl::StrCat("owner_of_", database());
  Server(absl::StrCat("CREATE ROLE ", owner_, " LOGIN CREATEDB PASSWORD 'owner'; ALTER DATABASE ",
                      database(), " OWNER TO ", owner_));
  Sql(absl::StrCat("SET ROLE ", owner_, "; CREATE TABLE state AS SELECT 'then'::text AS word"));
  backup_ = BackItUp();
  Sql("UPDATE state SET word = 'now'");
}

BackupRecord RestoreTest::BackItUp() {
  const auto made = MakeBackup({}, *tools_, SystemClock(),
                               {.directory = temp_.File("backups"),
                                .environment = LibpqEnvironmentOf(*ParseDatabaseUrl(url()))},
                               nullptr);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(BackupRecord());
}

void RestoreTest::TearDown() {
  const auto names = server().Sql(
      "postgres", absl::StrCat("SELECT datname FROM pg_database WHERE starts_with(datname, '",
                               database(), "_')"));
  for (const absl::string_view name : absl::StrSplit(names.value_or(""), '\n', absl::SkipEmpty())) {
    Server(absl::StrCat("DROP DATABASE ", QuotedIdentifier(name), " WITH (FORCE)"));
  }
  Server(absl::StrCat("ALTER DATABASE ", database(), " OWNER TO postgres"));
  PostgresTest::TearDown();
  Server(absl::StrCat("DROP ROLE IF EXISTS ", owner_));
}

DatabaseConnector RestoreTest::connector() const {
  return ConnectorTo(*ParseDatabaseUrl(server().Url()));
}

DatabaseConnector RestoreTest::ConnectorOfOwner() const {
  DatabaseUrl url = *ParseDatabaseUrl(server().Url());
  url.user = owner_;
  url.password = "owner";
  return ConnectorTo(url);
}

LoadRequest RestoreTest::LoadOf() const {
  return {.directory = temp_.File("backups"),
          .backup = backup_,
          .database = database(),
          .key = kKeyOfLoad,
          .environment = PatientEnvironmentOf(*ParseDatabaseUrl(url()), {.major_version = 15})};
}

SwapRequest RestoreTest::SwapOf() const {
  return {.database = database(), .key = kKeyOfLoad, .file = backup_.file, .begun = begun_};
}

std::string RestoreTest::Fresh() const { return RestoringName(database(), kKeyOfLoad); }

absl::Status RestoreTest::Load(const DatabaseConnector& connect) {
  return LoadBackup({}, *tools_, connect, LoadOf(), nullptr);
}

absl::StatusOr<SwapResult> RestoreTest::Restore(const DatabaseConnector& connect) {
  if (absl::Status loaded = Load(connect); !loaded.ok()) return loaded;
  return SwapIn({}, connect, SwapOf());
}

bool RestoreTest::RestoreInAChild(const DatabaseConnector& connect) {
  const pid_t child = fork();
  if (child == 0) _exit(Restore(connect).ok() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

absl::Status RestoreTest::Repair() const {
  return DropLoaded({}, connector(), database(), kKeyOfLoad).status();
}

std::string RestoreTest::State() const {
  const auto state = server().Sql(database(), "SELECT word FROM state");
  return state.ok() ? std::string(absl::StripAsciiWhitespace(*state))
                    : std::string(state.status().message());
}

std::string RestoreTest::Server(absl::string_view sql) const {
  const auto said = server().Sql("postgres", sql);
  EXPECT_TRUE(said.ok()) << sql << ": " << said.status();
  return said.value_or("");
}

std::string RestoreTest::Databases() const {
  return Server(
      absl::StrCat("SELECT datname, datallowconn FROM pg_database WHERE starts_with(datname, '",
                   database(), "') AND (datname = '", database(),
                   "' OR datname LIKE '%restoring%' OR datname LIKE "
                   "'%before%') ORDER BY datname"));
}

}  // namespace davit::database
