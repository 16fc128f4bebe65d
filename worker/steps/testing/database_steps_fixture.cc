#include "worker/steps/testing/database_steps_fixture.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/unique.h"

namespace davit::steps {

Pooler::Pooler(const database::PostgresServer& server, const std::string& mode)
    : port_(test::FreePort()) {
  const std::string config = directory_.Write(
      "pgbouncer.ini",
      absl::StrCat("[databases]\n* = host=", server.socket_directory(), " port=", server.port(),
                   " user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\n"
                   "auth_type = any\npool_mode = ",
                   mode, "\nlisten_port = ", port_, "\n"));
  std::filesystem::permissions(directory_.path(), std::filesystem::perms{0755});
  auto process = test::Process::Start(database::PostgresServer::AsServerUser({"pgbouncer", config}),
                                      directory_.File("log"));
  EXPECT_TRUE(process.ok()) << process.status();
  if (!process.ok()) return;
  process_ = *std::move(process);
  const absl::Status up = process_->AwaitOutput("process up", absl::Seconds(30));
  EXPECT_TRUE(up.ok()) << up;
}

std::string Pooler::Url(const std::string& database) const {
  return absl::StrCat("postgres://postgres:hunter2@127.0.0.1:", port_, "/", database);
}

void TellingReporter::Progress(v1::StepProgress progress) {
  const std::lock_guard<std::mutex> lock(mutex_);
  told_.push_back(progress);
  if (act_) act_(progress);
}

std::string TellingReporter::Text() const {
  std::string text;
  for (const v1::StepProgress& progress : told_) absl::StrAppend(&text, progress.phase(), "\n");
  return text;
}

DatabaseStepsTest::DatabaseStepsTest() {
  environment_.engine = &engine_;
  environment_.state_directory = temp_.File("state");
  access_.set_name("main");
  access_.mutable_url()->set_name("DATABASE_URL");
  access_.mutable_url()->set_version(1);
  access_.add_networks("host");
  context_.key.set_cluster_id("cluster");
  context_.key.set_deployment_id("shop-dev-7");
  context_.key.set_step_id("step");
  context_.key.set_attempt(1);
  context_.call.deadline = absl::Now() + absl::Minutes(1);
}

void DatabaseStepsTest::SetUp() {
  PostgresTest::SetUp();
  SetUrl(url());
}

void DatabaseStepsTest::SetAdminUrl(const std::string& url) {
  access_.mutable_admin_url()->set_name("ADMIN_URL");
  access_.mutable_admin_url()->set_version(1);
  context_.secrets["/ADMIN_URL@1"] = url;
}

worker::v1::StepSpec DatabaseStepsTest::Wait(int attempts) const {
  worker::v1::StepSpec spec;
  *spec.mutable_wait_database()->mutable_database() = access_;
  spec.mutable_wait_database()->set_attempts(attempts);
  spec.mutable_wait_database()->mutable_interval();  // none
  return spec;
}

worker::v1::StepSpec DatabaseStepsTest::WaitForChanges(int attempts) const {
  worker::v1::StepSpec spec = Wait(attempts);
  spec.mutable_wait_database()->set_for_changes(true);
  return spec;
}

worker::v1::StepSpec DatabaseStepsTest::Backup(int keep) const {
  worker::v1::StepSpec spec;
  worker::v1::BackupDatabase& backup = *spec.mutable_backup_database();
  *backup.mutable_database() = access_;
  backup.set_directory(directory());
  backup.set_keep(keep);
  backup.set_host("db-1");
  backup.mutable_timeout()->set_seconds(60);
  return spec;
}

worker::v1::StepSpec DatabaseStepsTest::Load(const v1::Backup& backup) const {
  worker::v1::StepSpec spec;
  worker::v1::LoadBackup& load = *spec.mutable_load_backup();
  *load.mutable_database() = access_;
  load.set_directory(directory());
  load.set_file(std::filesystem::path(backup.path()).filename());
  return spec;
}

worker::v1::StepSpec DatabaseStepsTest::Restore(const v1::Backup& backup) const {
  worker::v1::StepSpec spec;
  worker::v1::RestoreDatabase& restore = *spec.mutable_restore_database();
  *restore.mutable_database() = access_;
  restore.set_directory(directory());
  restore.set_file(std::filesystem::path(backup.path()).filename());
  restore.set_loading_step_id(kLoadingStep);
  return spec;
}

worker::v1::StepSpec DatabaseStepsTest::Drop() const {
  worker::v1::StepSpec spec;
  *spec.mutable_drop_loaded()->mutable_database() = access_;
  spec.mutable_drop_loaded()->set_loading_step_id(kLoadingStep);
  return spec;
}

std::unique_ptr<StepRunner> DatabaseStepsTest::RunnerOf(const worker::v1::StepSpec& spec) const {
  switch (spec.kind_case()) {
    case worker::v1::StepSpec::kWaitDatabase:
      return MakeWaitDatabaseRunner(environment_);
    case worker::v1::StepSpec::kBackupDatabase:
      return MakeBackupDatabaseRunner(environment_, places_);
    case worker::v1::StepSpec::kLoadBackup:
      return MakeLoadBackupRunner(environment_, places_);
    case worker::v1::StepSpec::kDropLoaded:
      return MakeDropLoadedRunner(environment_);
    default:
      return MakeRestoreDatabaseRunner(environment_);
  }
}

absl::StatusOr<worker::v1::StepOutputs> DatabaseStepsTest::Run(const worker::v1::StepSpec& spec) {
  StepContext context = context_;
  if (spec.has_load_backup()) context.key.set_step_id(kLoadingStep);
  return RunnerOf(spec)->Run(spec, context, reporter_);
}

v1::Failure DatabaseStepsTest::Fail(const worker::v1::StepSpec& spec) {
  const auto result = Run(spec);
  EXPECT_FALSE(result.ok()) << result->ShortDebugString();
  return result.ok() ? v1::Failure() : FailureOf(result.status());
}

v1::Backup DatabaseStepsTest::MakeBackup() {
  const auto made = Run(Backup());
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? made->backup() : v1::Backup();
}

void DatabaseStepsTest::UseTools(const std::string& dump_script,
                                 const std::string& restore_script) {
  for (const auto& [name, script] :
       {std::pair("bin/pg_dump", dump_script), std::pair("bin/pg_restore", restore_script)}) {
    const std::string path = temp_.Write(name, absl::StrCat("#!/bin/sh\n", script, "\n"));
    std::filesystem::permissions(path, std::filesystem::perms{0755});
  }
  places_ = {.versions = temp_.File("none"), .path = {temp_.File("bin")}};
}

}  // namespace davit::steps
