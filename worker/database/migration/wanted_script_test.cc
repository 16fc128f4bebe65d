#include "worker/database/migration/wanted_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/database/migration/migration_advice.h"
#include "worker/database/testing/duplicate_maker.h"

namespace davit::database {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

MigrationFailure OfDjango(MigrationFailureKind kind) {
  MigrationFailure failure = Exists(kind, "tenants_note");
  failure.framework = MigrationFramework::kDjango;
  failure.migration = "tenants.0002_note";
  return failure;
}

TEST(WantedScript, HasAllThatAMigrationMakes) {
  const WantedScript script = ReadWantedScript(
      "BEGIN;\n--\n-- Create model Note\n--\n"
      "CREATE TABLE \"tenants_note\" (\"id\" bigint NOT NULL PRIMARY KEY, \"text\" text NOT NULL);"
      "\n--\n-- Add field colour to tenant\n--\n"
      "ALTER TABLE \"tenants_tenant\" ADD COLUMN \"colour\" text DEFAULT 'a;b' NOT NULL;\n"
      "ALTER TABLE \"tenants_tenant\" ALTER COLUMN \"colour\" DROP DEFAULT;\n"
      "CREATE INDEX \"i\" ON \"tenants_note\" (\"text\");\nCOMMIT;\n");
  ASSERT_THAT(script.makes, SizeIs(3));
  EXPECT_EQ(script.makes[0].name, "tenants_note");
  EXPECT_EQ(script.makes[1].name, "colour");
  EXPECT_THAT(script.makes[1].later, ElementsAre("DROP DEFAULT"));
  EXPECT_EQ(script.makes[2].kind, WantedStatement::Kind::kIndex);
  EXPECT_THAT(script.others, IsEmpty());
}

TEST(WantedScript, SaysWhatElseItDoes) {
  const WantedScript script = ReadWantedScript(
      "BEGIN;\n--\n-- Raw Python operation\n--\n-- THIS OPERATION CANNOT BE WRITTEN AS SQL\n"
      "UPDATE a SET b = 1;\nALTER TABLE a ADD COLUMN b int, ADD COLUMN c int;\n"
      "ALTER TABLE a ALTER COLUMN d DROP NOT NULL;\nCOMMIT;");
  EXPECT_THAT(script.makes, IsEmpty());
  EXPECT_THAT(script.others, ElementsAre("an operation that is no SQL", "UPDATE a SET b = 1",
                                         "ALTER TABLE a ADD COLUMN b int, ADD COLUMN c int",
                                         "ALTER TABLE a ALTER COLUMN d DROP NOT NULL"));
}

TEST(WaysOutOfDuplicates, RecordAMigrationOnlyWhereAllOfItIsThere) {
  const MigrationFailure failure = OfDjango(MigrationFailureKind::kDuplicateTable);
  EXPECT_THAT(WaysOutOfDuplicate(failure, {.as_wanted = true, .rest_is_done = true}).front(),
              HasSubstr("all that the migration wants is there: record it as applied: "));
  const auto missing = WaysOutOfDuplicate(failure, {.as_wanted = true, .rest_is_done = false});
  EXPECT_THAT(missing, Each(Not(HasSubstr("--fake"))));
  EXPECT_THAT(missing.front(), HasSubstr("still to be done"));
  const auto doubt = WaysOutOfDuplicate(failure, {.as_wanted = true});
  EXPECT_THAT(doubt.front(), HasSubstr("make it idempotent"));
  EXPECT_THAT(doubt, Contains(HasSubstr("if all that the migration wants is there, and not this")));
  EXPECT_THAT(WaysOutOfDuplicate(failure, {.as_wanted = false, .rest_is_done = true}),
              Each(Not(HasSubstr("--fake"))));
}

TEST(WaysOutOfDuplicates, RunDjangosCommandInTheNewImage) {
  const auto ways = WaysOutOfDuplicate(OfDjango(MigrationFailureKind::kDuplicateTable),
                                       {.as_wanted = true, .rest_is_done = true});
  EXPECT_THAT(ways.front(), HasSubstr("`[sh, -c, \"python manage.py migrate --fake tenants "
                                      "0002_note && python manage.py migrate\"]`, which runs in "
                                      "the new image"));
}

TEST(WaysOutOfDuplicates, AreThoseOfWhatWasFound) {
  const MigrationFailure failure = Exists(MigrationFailureKind::kDuplicateTable, "cargo");
  const auto way = [&](ObjectKind kind) {
    return WaysOutOfDuplicate(failure, {.kind = kind}).front();
  };
  EXPECT_THAT(way(ObjectKind::kTable), HasSubstr("CREATE TABLE IF NOT EXISTS cargo"));
  EXPECT_THAT(way(ObjectKind::kIndex), HasSubstr("CREATE INDEX IF NOT EXISTS cargo"));
  EXPECT_THAT(way(ObjectKind::kSequence), HasSubstr("CREATE SEQUENCE IF NOT EXISTS cargo"));
  EXPECT_THAT(way(ObjectKind::kView), HasSubstr("CREATE OR REPLACE VIEW cargo"));
}

TEST(WaysOutOfDuplicates, DropAnIndexThatIsUnfinished) {
  EXPECT_THAT(
      WaysOutOfDuplicate(
          Exists(MigrationFailureKind::kDuplicateTable, "By name"),
          {.kind = ObjectKind::kIndex, .schema = "shop", .unfinished = true, .as_wanted = false}),
      ElementsAre(HasSubstr("`DROP INDEX CONCURRENTLY shop.\"By name\"`")));
}

}  // namespace
}  // namespace davit::database
