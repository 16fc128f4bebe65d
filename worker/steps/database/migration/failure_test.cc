#include "worker/steps/database/migration/failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "worker/steps/database/migration/environment.h"
#include "worker/steps/database/migration/locks.h"
#include "worker/steps/database/migration/result.h"
#include "worker/steps/database/migration/wanted.h"

namespace davit::steps {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

FailedMigration Failed(const std::string& output) {
  FailedMigration failed;
  failed.failure = MakeFailure(v1::MIGRATION_FAILED, "migrate main failed with exit code 1");
  failed.recognized = database::RecognizeMigrationFailure(output);
  failed.error_line = database::FindErrorLine(output);
  failed.last_line = database::LastLine(output);
  failed.migration = JudgeMigration("main", {}, {});
  return failed;
}

TEST(FailedMigrations, QuoteTheLastLineWhereNothingIsRecognized) {
  const v1::Failure failure = ExplainFailedMigration(Failed("no \x1b]idea\n\n"));
  EXPECT_EQ(failure.message(), "migrate main failed with exit code 1");
  EXPECT_THAT(failure.evidence(),
              ElementsAre("the last line it said: no  ]idea", "the schema is as it was before"));
  EXPECT_THAT(ExplainFailedMigration(Failed("")).evidence(),
              ElementsAre("the schema is as it was before"));
}

TEST(FailedMigrations, SayTheErrorThatIsNotRecognized) {
  FailedMigration failed = Failed("psql:a.sql:3: ERROR:  division by zero\n");
  v1::Failure failure = ExplainFailedMigration(failed);
  EXPECT_EQ(failure.message(), "the migration failed: division by zero");
  EXPECT_THAT(failure.evidence(), ElementsAre("psql:a.sql:3: ERROR:  division by zero",
                                              "the schema is as it was before"));
  failed.failure = MakeFailure(v1::STEP_TIMEOUT, "migrate main ran longer than 5m");
  failure = ExplainFailedMigration(failed);
  EXPECT_EQ(failure.message(), "migrate main ran longer than 5m");
  EXPECT_THAT(failure.evidence(), Contains("psql:a.sql:3: ERROR:  division by zero"));
}

TEST(FailedMigrations, SayWhoHoldsLocksOnlyWhereTheyWaitedForOne) {
  FailedMigration failed = Failed("ERROR:  canceling statement due to lock timeout");
  failed.lock_holders = {"Session 7 holds it"};
  EXPECT_THAT(ExplainFailedMigration(failed).evidence(), Contains("Session 7 holds it"));
  failed.recognized = database::RecognizeMigrationFailure("ERROR:  relation \"a\" already exists");
  EXPECT_THAT(ExplainFailedMigration(failed).evidence(), Not(Contains("Session 7 holds it")));
}

TEST(FailedMigrations, AreNotToBeRecordedWhereMoreIsMissing) {
  FailedMigration failed = Failed(
      "  Applying tenants.0002_note...Traceback (most recent call last):\n"
      "psycopg2.errors.DuplicateTable: relation \"tenants_note\" already exists\n");
  ASSERT_TRUE(failed.recognized.has_value());
  database::CatalogueObject note;
  note.kind = database::ObjectKind::kTable;
  note.schema = "public";
  note.name = "tenants_note";
  failed.before.objects = failed.after.objects = {note};
  failed.wanted = failed.after;
  failed.rest = {.missing = {"column colour of tenants_tenant"}, .unknown = {}};
  const v1::Failure failure = ExplainFailedMigration(failed);
  EXPECT_THAT(failure.evidence(), Contains("it is what the migration wants"));
  EXPECT_THAT(failure.evidence(), Contains("the migration wants more, which is not there: column "
                                           "colour of tenants_tenant"));
  EXPECT_THAT(failure.next_command(), Not(HasSubstr("--fake")));
  failed.rest->missing.clear();
  EXPECT_THAT(ExplainFailedMigration(failed).next_command(),
              HasSubstr("all that the migration wants is there: record it as applied: "));
}

TEST(FailedMigrations, ThatWereInterruptedWereLookedAt) {
  FailedMigration failed = Failed("");
  failed.failure = MakeFailure(v1::ONE_OFF_INTERRUPTED,
                               "migrate main was ended from outside: nobody can say what it did");
  const v1::Failure failure = ExplainFailedMigration(failed);
  EXPECT_EQ(failure.message(),
            "migrate main was ended from outside; the schema is as it was before");
  EXPECT_EQ(failure.next_command(), "deploy again");
}

TEST(SqlMigrateCommand, IsThatOfTheSameProjectAndDatabase) {
  EXPECT_THAT(
      SqlMigrateCommand({"python", "manage.py", "migrate", "--noinput", "--database=other"},
                        "shop.0002_change"),
      ElementsAre("python", "manage.py", "sqlmigrate", "shop", "0002_change", "--database=other"));
  EXPECT_THAT(SqlMigrateCommand({"django-admin", "migrate"}, "shop.0002_change"),
              ElementsAre("django-admin", "sqlmigrate", "shop", "0002_change"));
}

TEST(SqlMigrateCommand, IsNoneWhereTheProgramIsNotKnown) {
  EXPECT_THAT(SqlMigrateCommand({"sh", "-c", "python manage.py migrate"}, "shop.0002"), IsEmpty());
  EXPECT_THAT(SqlMigrateCommand({"rails", "migrate"}, "shop.0002"), IsEmpty());
  EXPECT_THAT(SqlMigrateCommand({"./manage.py", "migrate"}, ""), IsEmpty());
}

TEST(LockHolders, AreThoseOfTheMigrationWhereItSaysItsName) {
  const database::LockHolder one = {.pid = 1, .user = "a", .state = "active"};
  const database::LockHolder two = {.pid = 2, .user = "b", .application = "mine"};
  const std::vector<database::BlockedSession> blocked = {
      {.pid = 3, .application = "mine", .query = "", .holders = {one, one}},
      {.pid = 4, .application = "web", .query = "", .holders = {two}}};
  EXPECT_THAT(HolderSentences(blocked, "mine"), ElementsAre(HasSubstr("Session 1 of a")));
  EXPECT_EQ(HolderSentences(blocked, "other").size(), 2u);
}

TEST(SessionSettings, LeaveWhatTheAppSets) {
  worker::v1::StepKey key;
  key.set_step_id("s");
  key.set_attempt(2);
  worker::v1::ContainerSpec container;
  AddSessionSettings(key, absl::Seconds(10), /*pooler=*/false, container);
  EXPECT_EQ(container.env().at("PGAPPNAME"), "davit-s-2");
  EXPECT_EQ(container.env().at("PGOPTIONS"), "-c lock_timeout=10000");
  container.clear_env();
  (*container.mutable_env())["PGAPPNAME"] = "own";
  (*container.mutable_secret_env())["PGOPTIONS"].set_name("S");
  AddSessionSettings(key, absl::Seconds(10), /*pooler=*/false, container);
  EXPECT_EQ(container.env().size(), 1u);
  EXPECT_EQ(container.env().at("PGAPPNAME"), "own");
}

TEST(SessionSettings, HaveNoOptionsThroughAPooler) {
  worker::v1::ContainerSpec container;
  AddSessionSettings({}, absl::Seconds(10), /*pooler=*/true, container);
  EXPECT_FALSE(container.env().contains("PGOPTIONS"));
}

}  // namespace
}  // namespace davit::steps
