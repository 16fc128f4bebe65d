#ifndef DAVIT_WORKER_STEPS_TESTING_DATABASE_STEPS_FIXTURE_H_
#define DAVIT_WORKER_STEPS_TESTING_DATABASE_STEPS_FIXTURE_H_

// For tests: the runners of databases on a real PostgreSQL.

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/tools.h"
#include "worker/database/testing/postgres_fixture.h"
#include "worker/steps/runners.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {

// pgbouncer in front of a server, on a port of its own.
class Pooler {
 public:
  Pooler(const database::PostgresServer& server, const std::string& mode);
  std::string Url(const std::string& database) const;

 private:
  test::TempDir directory_;
  int port_;
  std::unique_ptr<test::Process> process_;
};

// Keeps what a step says, and does something at each progress.
class TellingReporter final : public StepReporter {
 public:
  void Progress(v1::StepProgress progress) override;
  void Log(v1::StepLog) override {}
  void OnProgress(std::function<void(const v1::StepProgress&)> act) { act_ = std::move(act); }
  const std::vector<v1::StepProgress>& told() const { return told_; }
  std::string Text() const;  // a line each

 private:
  std::function<void(const v1::StepProgress&)> act_;
  std::mutex mutex_;  // a watch tells from a thread of its own
  std::vector<v1::StepProgress> told_;
};

class DatabaseStepsTest : public database::PostgresTest {
 protected:
  static constexpr char kLoadingStep[] = "shop-dev-7-04";

  // The test's database as `main`, by its URL. Its containers have the host's network.
  DatabaseStepsTest();
  void SetUp() override;

  void SetUrl(const std::string& url) { context_.secrets["/DATABASE_URL@1"] = url; }
  void SetAdminUrl(const std::string& url);
  worker::v1::StepSpec Wait(int attempts) const;
  // Of a deployment that migrates.
  worker::v1::StepSpec WaitForChanges(int attempts) const;
  worker::v1::StepSpec Backup(int keep = 7) const;
  // A restore's two halves, the first as step kLoadingStep, and what undoes the first.
  worker::v1::StepSpec Load(const v1::Backup& backup) const;
  worker::v1::StepSpec Restore(const v1::Backup& backup) const;
  worker::v1::StepSpec Drop() const;

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec);
  v1::Failure Fail(const worker::v1::StepSpec& spec);
  v1::Backup MakeBackup();
  // Programs of the test's own instead of the host's: what the shell script does.
  void UseTools(const std::string& dump_script, const std::string& restore_script);
  std::string directory() const { return temp_.File("backups"); }

  std::unique_ptr<StepRunner> RunnerOf(const worker::v1::StepSpec& spec) const;

  test::TempDir temp_;
  docker::Engine engine_{"/nonexistent/docker.sock"};
  RunnerEnvironment environment_;
  database::ToolPlaces places_ = database::HostToolPlaces();
  worker::v1::DatabaseAccess access_;
  StepContext context_;
  TellingReporter reporter_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_TESTING_DATABASE_STEPS_FIXTURE_H_
