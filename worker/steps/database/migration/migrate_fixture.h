#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_MIGRATE_FIXTURE_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_MIGRATE_FIXTURE_H_

// For tests: migrations on the real engine and a real PostgreSQL.

#include <memory>
#include <string>
#include <thread>

#include "worker/database/connection/connection.h"
#include "worker/database/testing/postgres_fixture.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {

// Migrations are shell scripts in the test's image, with the host's psql and what it needs
// mounted: `psql` alone is connected to the test's database. They reach it as apps reach
// their host.
class MigrateTest : public StepsTest {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void SetUp() override;

  static database::PostgresServer& server();
  const std::string& database() const { return database_; }
  // On the test's database. A failure fails the test.
  std::string Sql(absl::string_view sql) const;
  std::unique_ptr<database::Connection> Open() const;

  // A step that runs `script`; stops at the first statement that fails.
  worker::v1::StepSpec Migrate(const std::string& script) const;
  // The same of one psql run over `sql`, each statement by itself.
  worker::v1::StepSpec MigrateSql(const std::string& sql) const;
  StepContext MigrateContext(const std::string& step) const;
  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const std::string& step = "step");
  // The failure it must end with; what it left is in left_.
  v1::Failure Fail(const worker::v1::StepSpec& spec, const std::string& step = "step");
  // As a worker that was started again.
  absl::StatusOr<worker::v1::StepOutputs> Resume(const worker::v1::StepSpec& spec,
                                                 const std::string& step = "step");
  // Runs the step in a thread, and `meanwhile` once its container has printed something.
  absl::StatusOr<worker::v1::StepOutputs> RunWhile(const worker::v1::StepSpec& spec,
                                                   const StepContext& context,
                                                   const std::function<void()>& meanwhile);
  // Until the running step says so, for a minute at most.
  bool WaitForProgress(const std::string& text) const;
  // Until a session runs a statement that contains `text`, for a minute at most.
  bool WaitForStatement(const std::string& text) const;
  std::string ContainerOf(const std::string& step = "step") const;
  // The rows of the ledger, a line each: step's state.
  std::string Ledger() const;
  // How many sessions a step itself has begun in the test's database, as the server's log has
  // them. Without the watch's, which begins one where a migration takes long.
  int SessionsBegun() const;

  std::string url_;
  v1::Migration left_;

 private:
  std::string database_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_MIGRATE_FIXTURE_H_
