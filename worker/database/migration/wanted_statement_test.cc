#include "worker/database/migration/wanted_statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/database/migration/sql_token.h"
#include "worker/database/testing/duplicate_maker.h"

namespace davit::database {
namespace {

using Wanted = WantedStatement::Kind;

TEST(WantedStatement, OfATableIsFoundInWhatFlywaySays) {
  const auto wanted = FindWanted(
      "ERROR: Migration V2__invoice.sql failed\n"
      "Message    : ERROR: relation \"invoice\" already exists\n"
      "Statement  : CREATE TABLE shop.Invoice (\n  id bigint primary key,\n  code varchar(20))\n",
      Exists(MigrationFailureKind::kDuplicateTable, "invoice"));
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->kind, Wanted::kTable);
  EXPECT_EQ(wanted->rest, "(\n  id bigint primary key,\n  code varchar(20))");
}

TEST(WantedStatement, OfATableIsFoundInWhatSqlAlchemySays) {
  const auto wanted = FindWanted(
      "(psycopg2.errors.DuplicateTable) relation \"invoice\" already exists\n\n"
      "[SQL: \nCREATE TABLE invoice (\n\tid SERIAL NOT NULL, \n\tPRIMARY KEY (id)\n)\n\n]\n"
      "(Background on this error at: https://sqlalche.me/e/14/f405)\n",
      Exists(MigrationFailureKind::kDuplicateTable, "invoice"));
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->rest, "(\n\tid SERIAL NOT NULL, \n\tPRIMARY KEY (id)\n)");
}

TEST(WantedStatement, OfAColumnHasWhatIsDoneToItAfterwards) {
  const auto wanted = FindWanted(
      "--\n-- Add field note to tenant\n--\n"
      "ALTER TABLE \"shop_tenant\" ADD COLUMN \"Note\" text DEFAULT 'a;b' NOT NULL;\n"
      "ALTER TABLE \"shop_tenant\" ALTER COLUMN \"other\" DROP DEFAULT;\n"
      "ALTER TABLE \"shop_tenant\" ALTER COLUMN \"Note\" DROP DEFAULT;\nCOMMIT;\n",
      Exists(MigrationFailureKind::kDuplicateColumn, "Note", "shop_tenant"));
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->kind, Wanted::kColumn);
  EXPECT_EQ(wanted->rest, "text DEFAULT 'a;b' NOT NULL");
  EXPECT_THAT(wanted->later, ::testing::ElementsAre("DROP DEFAULT"));
}

TEST(WantedStatement, OfAnIndexHasWhatComesBehindItsTable) {
  const auto wanted = FindWanted(
      "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS by_name ON ONLY public.cargo (lower(name)) "
      "WHERE gone IS NULL;",
      Exists(MigrationFailureKind::kDuplicateIndex, "by_name"));
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->kind, Wanted::kIndex);
  EXPECT_TRUE(wanted->unique);
  EXPECT_EQ(wanted->table, "cargo");
  EXPECT_EQ(wanted->rest, "(lower(name)) WHERE gone IS NULL");
}

TEST(WantedStatement, OfOneOfSeveralChangesEndsWithIt) {
  const auto wanted =
      FindWanted("ALTER TABLE cargo ADD CONSTRAINT some CHECK (n IN (1, 2)), ADD COLUMN b int;",
                 Exists(MigrationFailureKind::kDuplicateConstraint, "some", "cargo"));
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->kind, Wanted::kConstraint);
  EXPECT_EQ(wanted->rest, "CHECK (n IN (1, 2))");
}

TEST(WantedStatement, IsNotTriedWhereItWouldLockAnotherTableOrMayBeReadOtherwise) {
  const MigrationFailure failure = Exists(MigrationFailureKind::kDuplicateTable, "cargo");
  for (const char* const text : {
           "CREATE TABLE cargo (ship int REFERENCES ship (id))",
           "CREATE TABLE cargo (name text DEFAULT '\\')",
           "CREATE TABLE cargo AS SELECT 1",
           "CREATE TABLE cargo (name text",
           "CREATE TABLE other (name text)",
           "RECREATE TABLE cargo (name text)",
       }) {
    EXPECT_FALSE(FindWanted(text, failure).has_value()) << text;
  }
}

TEST(WantedStatement, IsGivenUpInAnOutputOfStatementsThatNeverEnd) {
  std::string output;
  while (output.size() < 256 << 10) output += "create table cargo (";
  EXPECT_FALSE(
      FindWanted(output, Exists(MigrationFailureKind::kDuplicateTable, "cargo")).has_value());
}

TEST(SqlName, IsAsTheServerHasIt) {
  absl::string_view sql = "Cargo\"A \"\"b\"\"\"";
  EXPECT_EQ(SqlName(TakeSqlToken(sql)), "cargo");
  EXPECT_EQ(SqlName(TakeSqlToken(sql)), "A \"b\"");
  EXPECT_EQ(sql, "");
}

}  // namespace
}  // namespace davit::database
