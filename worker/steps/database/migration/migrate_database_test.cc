#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/backup_record.h"
#include "worker/steps/database/migration/migrate_fixture.h"
#include "worker/steps/testing/database_steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Migrations : public MigrateTest {};

TEST_F(Migrations, SayWhatTheyHaveAdded) {
  Sql("CREATE TABLE customer (id int PRIMARY KEY);"
      "CREATE TABLE django_migrations (id serial, app text, name text);"
      "INSERT INTO django_migrations (app, name) VALUES ('shop', '0009_a'), ('shop', '0010_b')");
  const auto outputs = Run(MigrateSql("ALTER TABLE customer ADD vat text; SHOW lock_timeout"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  const v1::Migration& migration = outputs->migration();
  EXPECT_EQ(migration.database(), "main");
  EXPECT_EQ(migration.meaning(), v1::SCHEMA_SAFE);
  ASSERT_EQ(migration.changes_size(), 1);
  EXPECT_EQ(migration.changes(0).sentence(), "Column vat (text) was added to customer");
  EXPECT_EQ(migration.previous().at("shop"), "0010_b");
  EXPECT_THAT(outputs->summary(), HasSubstr("1 change of the schema; older code can run"));
  EXPECT_THAT(reporter_.text(), HasSubstr("1s\n")) << "the lock timeout";
  EXPECT_EQ(Ledger(), "finished");
}

TEST_F(Migrations, MayHaveNothingToDo) {
  const auto outputs = Run(Migrate("echo nothing to do"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->migration().meaning(), v1::SCHEMA_UNCHANGED);
  EXPECT_THAT(outputs->summary(), HasSubstr("nothing is different"));
}

// To begin one takes longer than all that is asked in it.
TEST_F(Migrations, BeginOneSessionBeforeTheirCommandAndOneAfterIt) {
  ASSERT_TRUE(Run(Migrate("echo nothing to do")).ok());
  EXPECT_EQ(SessionsBegun(), 2);
}

TEST_F(Migrations, SayWhatWasInTheWayAndThatNothingIsDifferent) {
  Sql("CREATE TABLE customer (id int PRIMARY KEY, name text)");
  const v1::Failure failure = Fail(
      MigrateSql("BEGIN; CREATE TABLE other (id int); CREATE TABLE customer (id int); COMMIT"));
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_FAILED));
  EXPECT_THAT(failure.message(), HasSubstr("customer exists already"));
  EXPECT_THAT(failure.next_command(), HasSubstr("CREATE TABLE IF NOT EXISTS customer"));
  EXPECT_THAT(failure, Shows("Table customer is there, since before this migration"));
  EXPECT_THAT(failure, Shows("the schema is as it was before"));
  EXPECT_THAT(absl::StrJoin(failure.log_tail(), "\n"), HasSubstr("already exists"));
  EXPECT_EQ(left_.meaning(), v1::SCHEMA_UNCHANGED);
  EXPECT_EQ(Ledger(), "failed");
}

TEST_F(Migrations, SayTheErrorThatNothingIsKnownOf) {
  const v1::Failure failure = Fail(MigrateSql("SELECT 1/0"));
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_FAILED));
  EXPECT_EQ(failure.message(), "the migration failed: division by zero");
  EXPECT_THAT(failure, Shows("ERROR:  division by zero"));
  EXPECT_THAT(failure, Shows("the schema is as it was before"));
}

TEST_F(Migrations, SayWhetherWhatWasInTheWayIsWhatTheyWanted) {
  Sql("CREATE TABLE customer (id int PRIMARY KEY, name text)");
  const auto psql = [this](const std::string& sql, const std::string& step) {
    return Fail(Migrate("psql --echo-errors <<'END'\n" + sql + ";\nEND\n"), step);
  };
  const v1::Failure same = psql("CREATE TABLE customer (id int PRIMARY KEY, name text)", "01");
  EXPECT_THAT(same, Shows("it is what the migration wants"));
  const v1::Failure other =
      psql("CREATE TABLE customer (id int PRIMARY KEY, name text, vat text)", "02");
  EXPECT_THAT(other, Shows("wanted, and not there: vat text"));
  EXPECT_THAT(other.next_command(), HasSubstr("change what is there to what is wanted"));
  EXPECT_EQ(left_.meaning(), v1::SCHEMA_UNCHANGED);
}

TEST_F(Migrations, SayThatAnIndexIsUnfinished) {
  Sql("CREATE TABLE customer (id int); INSERT INTO customer VALUES (1), (1)");
  const v1::Failure failure =
      Fail(MigrateSql("CREATE UNIQUE INDEX CONCURRENTLY one ON customer (id)"), "01");
  EXPECT_THAT(failure.next_command(), HasSubstr("`DROP INDEX CONCURRENTLY one`; then: "));
  EXPECT_THAT(failure, Shows("it is invalid, not finished"));
  ASSERT_EQ(left_.changes_size(), 1);
  EXPECT_EQ(left_.changes(0).undo_sql(), "DROP INDEX CONCURRENTLY one");
  const v1::Failure again =
      Fail(MigrateSql("CREATE UNIQUE INDEX CONCURRENTLY one ON customer (id)"), "02");
  EXPECT_THAT(again.next_command(), HasSubstr("`DROP INDEX CONCURRENTLY one`, and deploy again"));
  const auto done =
      Run(MigrateSql("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one ON customer (id)"), "03");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(done->summary(), HasSubstr("an index is invalid"));
  EXPECT_THAT(done->summary(), HasSubstr("`DROP INDEX CONCURRENTLY one`"));
}

TEST_F(Migrations, SayWhatStayedOfOneThatFailedHalfWay) {
  Sql("CREATE TABLE customer (id int, old text)");
  const v1::Failure failure =
      Fail(MigrateSql("ALTER TABLE customer ADD vat text; ALTER TABLE customer DROP old; "
                      "ALTER TABLE nosuch ADD x text"));
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_FAILED));
  EXPECT_THAT(failure, Shows("it has left in the schema (2 changes):"));
  EXPECT_THAT(failure, Shows("Column old (text) was removed from customer (not safe"));
  EXPECT_EQ(left_.meaning(), v1::SCHEMA_UNSAFE);
  EXPECT_EQ(left_.changes_size(), 2);
}

TEST_F(Migrations, SayWhoHeldTheLockThatTheyWaitedFor) {
  Sql("CREATE TABLE customer (id int)");
  const auto holder = Open();
  ASSERT_TRUE(holder->Query("BEGIN; SELECT 'secret' FROM customer", test::TestCall()).ok());
  worker::v1::StepSpec step = MigrateSql("ALTER TABLE customer ADD vat text");
  step.mutable_migrate_database()->mutable_lock_timeout()->set_seconds(2);
  const v1::Failure failure = Fail(step);
  ASSERT_TRUE(holder->Query("COMMIT", test::TestCall()).ok());
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_FAILED));
  EXPECT_THAT(failure, Shows("holds AccessShareLock on public.customer"));
  EXPECT_THAT(failure, Shows("SELECT ? FROM customer"));
  std::string told;
  for (const auto& progress : reporter_.progress()) absl::StrAppend(&told, progress.phase(), "\n");
  EXPECT_THAT(told, HasSubstr("waits for a lock: Session "));
}

TEST_F(Migrations, RunOneAfterTheOther) {
  const std::string script =
      "psql -c 'CREATE TABLE IF NOT EXISTS runs (began timestamptz, ended timestamptz)'\n"
      "began=$(psql -tAc 'SELECT clock_timestamp()')\nsleep 0.3\n"
      "psql -c \"INSERT INTO runs VALUES ('$began', clock_timestamp())\"";
  absl::StatusOr<worker::v1::StepOutputs> other;
  std::thread second([&] { other = Run(Migrate(script), "other"); });
  const auto first = Run(Migrate(script), "first");
  second.join();
  EXPECT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(Sql("SELECT count(*), (SELECT count(*) FROM runs a JOIN runs b ON a.began < b.ended "
                "AND b.began < a.ended AND a.began <> b.began) FROM runs"),
            "2|0");
  EXPECT_EQ(Ledger(), "finished\nfinished");
}

// To restore that backup would take back what those did.
TEST_F(Migrations, NameWhoMigratedSinceTheBackupWasBegun) {
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Sql("UPDATE davit.davit_migrations SET deployment = 'd-other'");
  const test::TempDir backups;
  worker::v1::StepSpec step = Migrate("true");
  step.mutable_migrate_database()->set_backup_directory(backups.path());
  const auto since = [&](absl::Time backup_begun, const std::string& step_id) {
    backups.Write("a.dump", "x");
    backups.Write("a.json", database::BackupRecordJson(
                                {.file = "a.dump",
                                 .size_bytes = 1,
                                 .started = backup_begun,
                                 .deployment = MigrateContext(step_id).key.deployment_id()}));
    const auto outputs = Run(step, step_id);
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    const auto& deployments = outputs->migration().since_backup();
    return std::vector<std::string>(deployments.begin(), deployments.end());
  };
  EXPECT_THAT(since(absl::Now() - absl::Hours(1), "01"), ElementsAre("d-other"));
  EXPECT_THAT(since(absl::Now() + absl::Hours(1), "02"), IsEmpty());
}

TEST_F(Migrations, TakeTheTurnOfOneWhoseContainerIsGone) {
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Sql("UPDATE davit.davit_migrations SET state = 'running'");
  ASSERT_TRUE(engine_.RemoveContainer(ContainerOf("earlier"), test::TestCall()).ok());
  const auto outputs = Run(Migrate("true"), "later");
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(Ledger(), "superseded\nfinished");
}

// Its worker was killed before it could write so.
TEST_F(Migrations, TakeTheTurnOfOneWhoseContainerHasEnded) {
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Sql("UPDATE davit.davit_migrations SET state = 'running'");
  const auto outputs = Run(Migrate("true"), "later");
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(Ledger(), "superseded\nfinished");
}

TEST_F(Migrations, DoNotTakeTheTurnOfOneThatStillRuns) {
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Start(Name("alive"), Spec());
  Sql(absl::StrCat("UPDATE davit.davit_migrations SET state = 'running', container = '",
                   Name("alive"), "'"));
  worker::v1::StepSpec step = Migrate("true");
  step.mutable_migrate_database()->mutable_run()->mutable_timeout()->set_seconds(1);
  const v1::Failure failure = Fail(step, "later");
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_HELD));
  EXPECT_THAT(failure.next_command(), HasSubstr(absl::StrCat("`docker kill ", Name("alive"), "`")));
  EXPECT_EQ(Ledger(), "running");
}

TEST_F(Migrations, WaitForOneOnAnotherHostUntilTheirTimeIsUp) {
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Sql("UPDATE davit.davit_migrations SET state = 'running', host = 'web-2'");
  worker::v1::StepSpec step = Migrate("psql -c 'CREATE TABLE never ()'");
  step.mutable_migrate_database()->mutable_run()->mutable_timeout()->set_seconds(1);
  const v1::Failure failure = Fail(step, "later");
  EXPECT_THAT(failure, HasCode(v1::MIGRATION_HELD));
  EXPECT_THAT(failure, Shows("from host web-2"));
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_class WHERE relname = 'never'"), "0");
  EXPECT_EQ(Ledger(), "running");
}

TEST_F(Migrations, GoOnOnceTheTurnOfALostHostIsEndedAsTheFailureSays) {
  ASSERT_TRUE(Run(Migrate("true"), "earlier").ok());
  Sql("UPDATE davit.davit_migrations SET state = 'running', host = 'web-2'");
  worker::v1::StepSpec step = Migrate("true");
  step.mutable_migrate_database()->mutable_run()->mutable_timeout()->set_seconds(1);
  const std::string advice = Fail(step, "later").next_command();
  const size_t statement = advice.find("UPDATE ");
  ASSERT_NE(statement, std::string::npos) << advice;
  Sql(advice.substr(statement));
  EXPECT_EQ(Ledger(), "superseded");
  EXPECT_TRUE(Run(Migrate("true"), "after").ok());
  EXPECT_EQ(Ledger(), "superseded\nfinished");
}

// The worker was killed when it had made the container and had its turn.
TEST_F(Migrations, DoNotBeginWithoutTheirDatabase) {
  url_ = "postgresql://postgres@db:1/none";
  const v1::Failure failure = Fail(Migrate("true"));
  EXPECT_THAT(failure, HasCode(v1::DATABASE_UNREACHABLE));
  EXPECT_FALSE(Exists(ContainerOf()));
}

TEST_F(Migrations, SayThatTheUrlsOptionsTakeThePlaceOfTheLockTimeout) {
  url_ += "?options=-csearch_path%3Dpublic";
  const auto outputs = Run(Migrate("psql -tAc 'SHOW lock_timeout'"), "good");
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(reporter_.text(), HasSubstr("0\n"));
  const std::string note =
      "migrate.lock_timeout has no effect, as the URL has options: put "
      "-c lock_timeout=1000 into these";
  EXPECT_THAT(outputs->summary(), HasSubstr(note));
  EXPECT_THAT(Fail(Migrate("false"), "bad"), Shows(note));
  url_ += "%20-clock_timeout%3D7s";
  const auto quiet = Run(Migrate("psql -tAc 'SHOW lock_timeout'"), "own");
  ASSERT_TRUE(quiet.ok()) << quiet.status();
  EXPECT_THAT(reporter_.text(), HasSubstr("7s\n"));
  EXPECT_THAT(quiet->summary(), Not(HasSubstr("has no effect")));
}

TEST_F(Migrations, RunThroughAPoolerInTransactionMode) {
  const Pooler pooler(server(), "transaction");
  url_ = pooler.Url(database());
  worker::v1::StepSpec step = MigrateSql("CREATE TABLE customer (id int)");
  worker::v1::MigrateDatabase& migrate = *step.mutable_migrate_database();
  migrate.mutable_database()->add_networks("host");
  migrate.mutable_run()->mutable_container()->clear_extra_hosts();
  migrate.mutable_run()->mutable_container()->add_networks("host");
  const auto outputs = Run(step);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->migration().meaning(), v1::SCHEMA_SAFE);
  EXPECT_EQ(Ledger(), "finished");
}

TEST_F(Migrations, TellAChangeOfTwoHundredSchemasOnce) {
  Sql("DO $$ BEGIN FOR s IN 1..200 LOOP EXECUTE format('CREATE SCHEMA t%s', s); "
      "EXECUTE format('CREATE TABLE t%s.a (id int)', s); END LOOP; END $$");
  const auto outputs =
      Run(MigrateSql("DO $$ BEGIN FOR s IN 1..200 LOOP "
                     "EXECUTE format('ALTER TABLE t%s.a ADD vat text', s); END LOOP; END $$"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ASSERT_EQ(outputs->migration().changes_size(), 1);
  EXPECT_THAT(outputs->migration().changes(0).sentence(), HasSubstr("in 200 schemas"));
}

}  // namespace
}  // namespace davit::steps
