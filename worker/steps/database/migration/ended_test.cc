// Migrations that are broken off, or whose worker is.
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/let_go_on.h"
#include "worker/steps/database/migration/before.h"
#include "worker/steps/database/migration/migrate_fixture.h"
#include "worker/steps/failed_outputs.h"
#include "worker/steps/one_off/cleaner.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MigrationsBrokenOff : public MigrateTest {};

TEST_F(MigrationsBrokenOff, SayWhatAKilledContainerHasLeft) {
  const auto step = Migrate(
      "psql -c 'CREATE TABLE half (id int)'\n"
      "psql -c 'SELECT pg_sleep(1000); CREATE TABLE never (id int)'");
  const auto result = RunWhile(step, MigrateContext("step"), [this] {
    EXPECT_TRUE(WaitForStatement("pg_sleep(1000)"));
    EXPECT_TRUE(engine_.KillContainer(ContainerOf(), test::TestCall()).ok());
  });
  ASSERT_FALSE(result.ok());
  const v1::Failure failure = FailureOf(result.status());
  EXPECT_THAT(failure, HasCode(v1::ONE_OFF_INTERRUPTED));
  EXPECT_THAT(failure.message(), HasSubstr("it has changed the schema (1 change)"));
  EXPECT_EQ(OutputsOf(result.status())->migration().changes(0).sentence(), "Table half was added");
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1000)%' AND "
                "pid <> pg_backend_pid()"),
            "0")
      << "the server does not go on with it";
}

TEST_F(MigrationsBrokenOff, SayWhatACancelledOneHasLeft) {
  CancelToken cancel;
  StepContext context = MigrateContext("step");
  context.call.cancel = &cancel;
  const auto result = RunWhile(Migrate("psql -c 'CREATE TABLE half (id int)'\nsleep 1000"), context,
                               [&cancel] { cancel.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
  EXPECT_EQ(OutputsOf(result.status())->migration().meaning(), v1::SCHEMA_SAFE);
  EXPECT_EQ(Ledger(), "failed");
}

TEST_F(MigrationsBrokenOff, AreComparedWithWhatWasBeforeByAWorkerThatComesLater) {
  const auto step = Migrate(
      "psql -c 'CREATE TABLE first (id int)'\n"
      "while [ ! -e /tmp/go ]; do sleep 0.05; done\npsql -c 'CREATE TABLE second (id int)'");
  CancelToken ending;
  StepContext context = MigrateContext("step");
  context.call.cancel = &ending;
  context.worker_ends = [&ending] { return ending.cancelled(); };
  const auto left = RunWhile(step, context, [&ending] { ending.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(left.status())) << left.status();
  EXPECT_EQ(Ledger(), "running");
  test::LetGoOn(ContainerOf());
  const auto outputs = Resume(step);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->migration().changes_size(), 2);
  EXPECT_EQ(Ledger(), "finished");
}

TEST_F(MigrationsBrokenOff, AreBegunByTheNextWorkerWhereTheyCertainlyWereNot) {
  const auto step = MigrateSql("CREATE TABLE once (id int)");
  CancelToken cancel;
  StepContext context = MigrateContext("step");
  context.call.cancel = &cancel;
  context.worker_ends = [&cancel] { return cancel.cancelled(); };
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Sql("UPDATE davit.davit_migrations SET state = 'running', host = 'web-2'");
  absl::StatusOr<worker::v1::StepOutputs> left;
  std::thread waiting([&] { left = StepsTest::Run(step, context); });
  ASSERT_TRUE(WaitForProgress("waits for its turn: Deployment "));
  cancel.Cancel();
  waiting.join();
  EXPECT_EQ(Inspect(ContainerOf()).observed.state(), "created");
  Sql("UPDATE davit.davit_migrations SET state = 'finished'");
  const auto outputs = Resume(step);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->migration().changes(0).sentence(), "Table once was added");
}

TEST_F(MigrationsBrokenOff, ThatLoseTheirServerAreComparedWhenItIsBack) {
  const auto step = Migrate(
      "psql -c 'CREATE TABLE half (id int)'\n"
      "psql -c 'BEGIN; CREATE TABLE never (id int); SELECT pg_sleep(1000)'");
  const auto result = RunWhile(step, MigrateContext("step"), [this] {
    EXPECT_TRUE(WaitForStatement("pg_sleep(1000)"));
    server().Stop();
    EXPECT_TRUE(server().StartAgain().ok());
  });
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(FailureOf(result.status()), HasCode(v1::MIGRATION_FAILED));
  EXPECT_EQ(OutputsOf(result.status())->migration().changes_size(), 1);
  EXPECT_EQ(Ledger(), "failed");
}

TEST_F(MigrationsBrokenOff, ThatTakeTooLongAreEndedAndCompared) {
  worker::v1::StepSpec step = Migrate("psql -c 'CREATE TABLE half (id int)'\nsleep 1000");
  v1::Failure failure;
  // A machine that cannot make a table in two seconds gets more.
  for (const int seconds : {2, 10, 40}) {
    step.mutable_migrate_database()->mutable_run()->mutable_timeout()->set_seconds(seconds);
    failure = Fail(step, absl::StrCat("within-", seconds));
    if (left_.changes_size() > 0) break;
  }
  EXPECT_THAT(failure, HasCode(v1::STEP_TIMEOUT));
  EXPECT_THAT(failure.next_command(), HasSubstr("migrate.timeout"));
  EXPECT_THAT(failure, Shows("Table half was added (safe for older code"));
  EXPECT_EQ(left_.meaning(), v1::SCHEMA_SAFE);
}

TEST_F(MigrationsBrokenOff, KeepWhatTheyCompareWithUntilTheirStepIsForgotten) {
  ASSERT_TRUE(Run(Migrate("true")).ok());
  const CataloguesBefore catalogues(directory_.path());
  EXPECT_TRUE(catalogues.Read(Context("step").key).ok());
  OneOffCleaner cleaner(&engine_, directory_.path());
  ASSERT_TRUE(cleaner.Sweep([](const auto&) { return true; }, test::TestCall()).ok());
  EXPECT_EQ(catalogues.List().size(), 1u);
  ASSERT_TRUE(cleaner.Sweep([](const auto&) { return false; }, test::TestCall()).ok());
  EXPECT_THAT(catalogues.List(), IsEmpty());
  EXPECT_FALSE(Exists(ContainerOf()));
}

TEST_F(MigrationsBrokenOff, ThatLockThemselvesOutAreUnknownAndSayWhy) {
  const std::string role = absl::StrCat("shop_", database());
  Sql(absl::StrCat("CREATE ROLE ", role, " LOGIN SUPERUSER PASSWORD 'first'"));
  url_ = absl::StrReplaceAll(
      url_, {{url_.substr(0, url_.find('@')), absl::StrCat("postgresql://", role, ":first")}});
  const v1::Failure failure =
      Fail(MigrateSql(absl::StrCat("ALTER ROLE ", role, " PASSWORD 'second'")));
  EXPECT_THAT(failure, HasCode(v1::STEP_UNKNOWN));
  EXPECT_THAT(failure, Shows("password authentication failed"));
  EXPECT_THAT(failure.likely_cause(), HasSubstr("changed the password"));
  EXPECT_THAT(failure, Shows("the migration itself was done in"));
}

TEST_F(MigrationsBrokenOff, AreBegunOnceARestoreLetsThemIn) {
  const auto allow = [this](const std::string& whether) {
    const std::string alter =
        absl::StrCat("ALTER DATABASE ", database(), " ALLOW_CONNECTIONS ", whether);
    EXPECT_TRUE(server().Sql("postgres", alter).ok());
  };
  allow("false");
  absl::StatusOr<worker::v1::StepOutputs> outputs;
  std::thread migration([&] { outputs = Run(Migrate("true")); });
  EXPECT_TRUE(WaitForProgress("waits until the database lets sessions in again"));
  allow("true");
  migration.join();
  EXPECT_TRUE(outputs.ok()) << outputs.status();
}

TEST_F(MigrationsBrokenOff, AreNotBegunOnAStandby) {
  Sql(absl::StrCat("COPY (SELECT '') TO '", server().data_directory(), "/standby.signal'"));
  server().Stop();
  ASSERT_TRUE(server().Launch().ok());
  const Call call = test::TestCall();
  while (!server().Sql(database(), "SELECT 1").ok() && call.Wait(absl::Milliseconds(20)).ok()) {
  }
  const v1::Failure failure = Fail(Migrate("true"));
  Sql("SELECT pg_promote()");
  EXPECT_THAT(failure, HasCode(v1::DATABASE_DENIED));
  EXPECT_THAT(failure.message(), HasSubstr("its server is a standby"));
  EXPECT_THAT(failure.next_command(), HasSubstr("URL of the primary server"));
  EXPECT_FALSE(Exists(ContainerOf()));
}

TEST_F(MigrationsBrokenOff, OfWhichNothingWasNotedAreUnknown) {
  ASSERT_TRUE(Run(Migrate("true")).ok());
  CataloguesBefore(directory_.path()).Remove(Context("step").key);
  const auto result = Resume(Migrate("true"));
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(FailureOf(result.status()), HasCode(v1::STEP_UNKNOWN));
  EXPECT_EQ(OutputsOf(result.status())->migration().meaning(), v1::SCHEMA_MEANING_UNSPECIFIED);
}

}  // namespace
}  // namespace davit::steps
