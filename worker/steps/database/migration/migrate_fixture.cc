#include "worker/steps/database/migration/migrate_fixture.h"

#include <atomic>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "worker/steps/failed_outputs.h"
#include "worker/steps/one_off/record.h"

namespace davit::steps {
namespace {

std::unique_ptr<database::PostgresServer> migrated_server;
std::atomic<int> migrated_databases = 0;

void MountFromHost(const std::string& path, worker::v1::ContainerSpec& container) {
  worker::v1::Mount& mount = *container.add_mounts();
  mount.set_source(path);
  mount.set_target(path);
  mount.set_read_only(true);
}

}  // namespace

void MigrateTest::SetUpTestSuite() {
  auto started =
      database::PostgresServer::Start({"listen_addresses = '*'", "log_connections = on"});
  ASSERT_TRUE(started.ok()) << started.status();
  migrated_server = *std::move(started);
  migrated_server->AddHostRule("host all all 0.0.0.0/0 scram-sha-256");
  ASSERT_TRUE(migrated_server->Sql("postgres", "SELECT pg_reload_conf()").ok());
}

void MigrateTest::TearDownTestSuite() { migrated_server.reset(); }

database::PostgresServer& MigrateTest::server() { return *migrated_server; }

void MigrateTest::SetUp() {
  StepsTest::SetUp();
  database_ = absl::StrCat("migrated", ++migrated_databases);
  ASSERT_TRUE(server().Sql("postgres", absl::StrCat("CREATE DATABASE ", database_)).ok());
  url_ = absl::StrReplaceAll(server().Url(database_), {{"127.0.0.1", "db"}});
}

std::string MigrateTest::Sql(absl::string_view sql) const {
  auto rows = server().Sql(database_, sql);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return std::string(absl::StripSuffix(rows.value_or(""), "\n"));
}

std::unique_ptr<database::Connection> MigrateTest::Open() const {
  const auto url = database::ParseDatabaseUrl(server().SocketUrl(database_));
  auto connection = database::Connect(*url, {}, test::TestCall());
  EXPECT_TRUE(connection.ok()) << connection.status();
  return *std::move(connection);
}

worker::v1::StepSpec MigrateTest::Migrate(const std::string& script) const {
  worker::v1::StepSpec spec;
  worker::v1::MigrateDatabase& migrate = *spec.mutable_migrate_database();
  migrate.set_host("web-1");
  migrate.mutable_lock_timeout()->set_seconds(1);
  worker::v1::DatabaseAccess& access = *migrate.mutable_database();
  access.set_name("main");
  access.mutable_url()->set_name("DATABASE_URL");
  access.add_extra_hosts("db:host-gateway");
  worker::v1::RunOneOff& run = *migrate.mutable_run();
  run.set_title("migrate database main");
  run.set_failure_code(v1::MIGRATION_FAILED);
  run.mutable_timeout()->set_seconds(60);
  worker::v1::ContainerSpec& container = *run.mutable_container();
  container = Spec({"/bin/sh", "-ec",
                    absl::StrCat("psql() { ", database::PostgresServer::Program("psql"),
                                 " -X -v ON_ERROR_STOP=1 \"$@\" \"$DATABASE_URL\"; }\n", script)});
  (*container.mutable_secret_env())["DATABASE_URL"] = access.url();
  container.add_extra_hosts("db:host-gateway");
  for (const char* path : {"/usr/lib", "/usr/share", "/lib", "/lib64"}) {
    MountFromHost(path, container);
  }
  return spec;
}

worker::v1::StepSpec MigrateTest::MigrateSql(const std::string& sql) const {
  return Migrate(absl::StrCat("psql <<'END'\n", sql, ";\nEND\n"));
}

StepContext MigrateTest::MigrateContext(const std::string& step) const {
  StepContext context = Context(step);
  context.secrets["/DATABASE_URL@0"] = url_;
  return context;
}

absl::StatusOr<worker::v1::StepOutputs> MigrateTest::Run(const worker::v1::StepSpec& spec,
                                                         const std::string& step) {
  return StepsTest::Run(spec, MigrateContext(step));
}

v1::Failure MigrateTest::Fail(const worker::v1::StepSpec& spec, const std::string& step) {
  const auto result = Run(spec, step);
  EXPECT_FALSE(result.ok()) << result->ShortDebugString();
  if (result.ok()) return {};
  const auto outputs = OutputsOf(result.status());
  left_ = outputs.has_value() ? outputs->migration() : v1::Migration();
  return FailureOf(result.status());
}

absl::StatusOr<worker::v1::StepOutputs> MigrateTest::Resume(const worker::v1::StepSpec& spec,
                                                            const std::string& step) {
  StepContext context = MigrateContext(step);
  context.resumed = true;
  Runners fresh = MakeRunners(environment_);
  return fresh.at(spec.kind_case())->Run(spec, context, reporter_);
}

absl::StatusOr<worker::v1::StepOutputs> MigrateTest::RunWhile(
    const worker::v1::StepSpec& spec, const StepContext& context,
    const std::function<void()>& meanwhile) {
  absl::StatusOr<worker::v1::StepOutputs> result;
  std::thread runner([&] { result = StepsTest::Run(spec, context); });
  const Call call = test::TestCall();
  while (reporter_.logs().empty() && call.Wait(absl::Milliseconds(10)).ok()) {
  }
  EXPECT_FALSE(reporter_.logs().empty()) << "live, while it runs";
  meanwhile();
  runner.join();
  return result;
}

bool MigrateTest::WaitForProgress(const std::string& text) const {
  const Call call = test::TestCall();
  do {
    for (const v1::StepProgress& progress : reporter_.progress()) {
      if (absl::StrContains(progress.phase(), text)) return true;
    }
  } while (call.Wait(absl::Milliseconds(10)).ok());
  return false;
}

bool MigrateTest::WaitForStatement(const std::string& text) const {
  const Call call = test::TestCall();
  const auto session = Open();
  do {
    const auto found = session->Query(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND strpos(query, $1) > 0 "
        "AND pid <> pg_backend_pid()",
        {text}, call);
    if (!found.ok()) return false;
    if (!found->rows.empty()) return true;
  } while (call.Wait(absl::Milliseconds(10)).ok());
  return false;
}

std::string MigrateTest::ContainerOf(const std::string& step) const {
  return OneOffName(Context(step).key);
}

std::string MigrateTest::Ledger() const {
  return Sql("SELECT state FROM davit.davit_migrations ORDER BY begun_at");
}

int MigrateTest::SessionsBegun() const {
  const std::string end = absl::StrCat(" database=", database_, " application_name=davit");
  std::ifstream log(server().log_path());
  int begun = 0;
  for (std::string line; std::getline(log, line);) {
    if (absl::StrContains(line, "connection authorized: ") && absl::EndsWith(line, end)) ++begun;
  }
  return begun;
}

}  // namespace davit::steps
