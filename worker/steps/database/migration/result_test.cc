#include "worker/steps/database/migration/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::steps {
namespace {

using database::Catalogue;
using database::CatalogueObject;
using database::ObjectKind;
using ::testing::ElementsAre;
using ::testing::Pair;

CatalogueObject Applied(const std::string& table, const std::string& name,
                        const std::string& state = "") {
  return {.kind = ObjectKind::kMigration,
          .schema = "public",
          .table = table,
          .name = name,
          .definition = state};
}

Catalogue WithTable(const std::string& table, const std::vector<std::string>& columns) {
  Catalogue catalogue;
  catalogue.objects.push_back({.kind = ObjectKind::kTable, .schema = "public", .name = table});
  for (const std::string& column : columns) {
    catalogue.objects.push_back({.kind = ObjectKind::kColumn,
                                 .schema = "public",
                                 .table = table,
                                 .name = column,
                                 .definition = "text"});
  }
  SortCatalogue(catalogue);
  return catalogue;
}

TEST(MigrationResult, IsUnchangedWhenNothingDiffers) {
  const v1::Migration same = JudgeMigration("main", WithTable("a", {"b"}), WithTable("a", {"b"}));
  EXPECT_EQ(same.meaning(), v1::SCHEMA_UNCHANGED);
  EXPECT_EQ(MigrationSummary(same), "nothing is different");
}

TEST(MigrationResult, IsTheWorstOfItsChanges) {
  const v1::Migration both =
      JudgeMigration("main", WithTable("a", {"old"}), WithTable("a", {"new"}));
  EXPECT_EQ(both.meaning(), v1::SCHEMA_UNSAFE);
  EXPECT_EQ(both.changes_size(), 2);
  EXPECT_EQ(MigrationSummary(both),
            "2 changes of the schema; older code may not be able to run on it");
}

TEST(MigrationResult, IsNotKnownToBeSafeWhereSomethingCouldNotBeSeen) {
  Catalogue after = WithTable("a", {"b"});
  after.gaps = {"The migrations in x could not be read"};
  const v1::Migration seen = JudgeMigration("main", WithTable("a", {"b"}), after);
  EXPECT_EQ(seen.meaning(), v1::SCHEMA_UNKNOWN);
  EXPECT_THAT(seen.gaps(), ElementsAre("The migrations in x could not be read"));
}

TEST(MigrationResult, SaysNothingOfWhatCouldNotBeCompared) {
  EXPECT_EQ(UnjudgedMigration("main", "why").meaning(), v1::SCHEMA_MEANING_UNSPECIFIED);
}

TEST(LastMigrations, AreOfEachDjangoAppTheOneWithTheHighestNumber) {
  const Catalogue catalogue = {.objects = {Applied("django_migrations", "auth.0002_b"),
                                           Applied("django_migrations", "shop.0009_z"),
                                           Applied("django_migrations", "shop.0010_a"),
                                           Applied("django_migrations", "shop.0010_a"),
                                           Applied("ar_internal_metadata", "environment")},
                               .gaps = {}};
  EXPECT_THAT(LastMigrations(catalogue),
              ElementsAre(Pair("auth", "0002_b"), Pair("shop", "0010_a")));
}

TEST(MigrationResult, KnowsThatNothingOfANewLabelWasAppliedBefore) {
  const Catalogue before = {.objects = {Applied("django_migrations", "auth.0002_b")}, .gaps = {}};
  const Catalogue after = {.objects = {Applied("django_migrations", "auth.0003_c"),
                                       Applied("django_migrations", "shop.0001_a")},
                           .gaps = {}};
  const v1::Migration migration = JudgeMigration("main", before, after);
  EXPECT_EQ(migration.previous().at("auth"), "0002_b");
  EXPECT_EQ(migration.previous().at("shop"), "");
}

TEST(LastMigrations, OfFlywayGoByTheirVersionsAndNotByWhatFailed) {
  const Catalogue catalogue = {.objects = {Applied("flyway_schema_history", "2", "1"),
                                           Applied("flyway_schema_history", "10", "1"),
                                           Applied("flyway_schema_history", "11", "1 failed"),
                                           Applied("flyway_schema_history", "V.sql #9", "1")},
                               .gaps = {}};
  EXPECT_THAT(LastMigrations(catalogue), ElementsAre(Pair("", "10")));
}

}  // namespace
}  // namespace davit::steps
