#include "worker/database/migration/migration_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "worker/database/migration/object_comparison.h"
#include "worker/database/migration/query_text.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = MigrationFailureKind;

struct MigrationOutput {
  std::string file;
  Kind kind;
  std::string object;
  std::string table;
};

// Django's were captured with Django 3.2, psycopg 2.9 and PostgreSQL 15, psql's with 15. Those of
// Rails and Flyway are no captures: they are modelled on the formats of both.
const MigrationOutput kOutputs[] = {
    {"django_duplicate_table", Kind::kDuplicateTable, "shop_invoice", ""},
    {"django_duplicate_column", Kind::kDuplicateColumn, "vat", "shop_customer"},
    {"django_duplicate_index", Kind::kDuplicateIndex, "shop_name_idx", ""},
    {"django_duplicate_constraint", Kind::kDuplicateConstraint, "shop_name_not_empty",
     "shop_customer"},
    {"django_duplicate_type", Kind::kDuplicateObject, "shop_state", ""},
    {"django_undefined_table", Kind::kMissingTable, "shop_order", ""},
    {"django_undefined_column", Kind::kMissingColumn, "vatid", "shop_customer"},
    {"django_not_null_data", Kind::kNotNullViolated, "vat", "shop_customer"},
    {"django_unique_data", Kind::kUniqueViolated, "", ""},
    {"django_check_data", Kind::kCheckViolated, "shop_name_not_empty", "shop_customer"},
    {"django_foreign_key_data", Kind::kForeignKeyViolated, "shop_city_fk", "shop_customer"},
    {"django_statement_timeout", Kind::kStatementTimeout, "", ""},
    {"django_lock_timeout", Kind::kLockTimeout, "", ""},
    {"django_deadlock", Kind::kDeadlock, "", ""},
    {"django_connection_lost", Kind::kConnectionLost, "", ""},
    {"django_disk_full", Kind::kDiskFull, "", ""},
    {"django_permission_owner", Kind::kPermission, "table shop_customer", ""},
    {"django_permission_schema", Kind::kPermission, "public", ""},
    {"django_inconsistent", Kind::kInconsistentHistory, "shop.0003_b", "shop.0002_a"},
    {"django_conflict", Kind::kInconsistentHistory, "0002_a, 0002_b in shop", ""},
    {"django_missing_node", Kind::kInconsistentHistory, "shop.0002_a", ""},
    {"psql_duplicate_table", Kind::kDuplicateTable, "customer", ""},
    {"psql_duplicate_schema", Kind::kDuplicateObject, "tenant", ""},
    {"psql_duplicate_function", Kind::kDuplicateObject, "one", ""},
    {"psql_duplicate_trigger", Kind::kDuplicateObject, "t", "customer"},
    {"psql_duplicate_primary_key", Kind::kDuplicateConstraint, "customer", "customer"},
    {"psql_undefined_function", Kind::kMissingObject, "nope(integer)", ""},
    {"psql_undefined_constraint", Kind::kMissingObject, "nosuch", "customer"},
    {"psql_undefined_table_drop", Kind::kMissingTable, "nosuch", ""},
    {"psql_not_null_row", Kind::kNotNullViolated, "id", "customer"},
    {"psql_unique_row", Kind::kUniqueViolated, "customer_pkey", ""},
    {"psql_unique_index", Kind::kUniqueViolated, "customer_name", ""},
    {"psql_check_row", Kind::kCheckViolated, "named", "customer"},
    {"psql_connection_lost", Kind::kConnectionLost, "", ""},
    {"rails_duplicate_column", Kind::kDuplicateColumn, "vat", "customers"},
    {"flyway_duplicate_table", Kind::kDuplicateTable, "invoice", ""},
};

std::string OutputOf(absl::string_view file) {
  std::ifstream in(
      absl::StrCat(DAVIT_SOURCE_DIR, "/worker/database/migration/testdata/", file, ".txt"));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

MigrationFailure FailureIn(absl::string_view file) {
  const auto failure = RecognizeMigrationFailure(OutputOf(file));
  EXPECT_TRUE(failure.has_value()) << file;
  return failure.value_or(MigrationFailure());
}

TEST(MigrationFailure, IsRecognizedInMigrationOutputs) {
  for (const MigrationOutput& output : kOutputs) {
    SCOPED_TRACE(output.file);
    const MigrationFailure failure = FailureIn(output.file);
    EXPECT_EQ(failure.kind, output.kind) << failure.evidence;
    if (output.file != "django_unique_data") {
      EXPECT_EQ(failure.object, output.object);
      EXPECT_EQ(failure.table, output.table);
    }
    EXPECT_NE(failure.sentence, "");
    EXPECT_NE(failure.likely_cause, "");
    EXPECT_FALSE(failure.ways_out.empty());
    EXPECT_THAT(failure.sentence + absl::StrJoin(failure.ways_out, ""), Not(HasSubstr("{")));
  }
}

TEST(MigrationFailure, QuotesNoRows) {
  for (const absl::string_view file : {"psql_not_null_row", "psql_unique_index",
                                       "django_unique_data", "django_foreign_key_data"}) {
    const MigrationFailure failure = FailureIn(file);
    EXPECT_THAT(failure.evidence + failure.sentence, Not(HasSubstr("Smith"))) << file;
  }
}

TEST(MigrationFailure, NamesDjangosMigrationAndItsWayOut) {
  const MigrationFailure failure = FailureIn("django_duplicate_column");
  EXPECT_EQ(failure.framework, MigrationFramework::kDjango);
  EXPECT_EQ(failure.migration, "shop.0002_change");
  EXPECT_EQ(failure.sentence, "The column vat of shop_customer exists already");
  EXPECT_THAT(failure.ways_out[0], HasSubstr("ADD COLUMN IF NOT EXISTS vat"));
  EXPECT_THAT(failure.ways_out[1], HasSubstr("--fake shop 0002_change"));
}

TEST(MigrationFailure, SpeaksRailsToRailsAndFlywayToFlyway) {
  const MigrationFailure rails = FailureIn("rails_duplicate_column");
  EXPECT_EQ(rails.migration, "20240105101500 AddVatToCustomers");
  EXPECT_THAT(rails.ways_out[0], HasSubstr("add_column :customers, :vat"));
  EXPECT_THAT(rails.ways_out[1], HasSubstr("'20240105101500'"));
  const MigrationFailure flyway = FailureIn("flyway_duplicate_table");
  EXPECT_EQ(flyway.framework, MigrationFramework::kFlyway);
  EXPECT_EQ(flyway.migration, "V2__invoice.sql");
}

TEST(MigrationFailure, IsNotSeenInNoticesAndOtherOutput) {
  EXPECT_FALSE(RecognizeMigrationFailure("NOTICE:  relation \"a\" already exists, skipping\n"));
  EXPECT_FALSE(RecognizeMigrationFailure("  Applying shop.0001_initial... OK\n"));
}

TEST(MigrationFailure, IsKnownByItsClassWhereTheServerSpeaksAnotherLanguage) {
  const auto failure = RecognizeMigrationFailure(
      "psycopg2.errors.DuplicateTable: Relation »kunde« existiert bereits\n");
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, Kind::kDuplicateTable);
  EXPECT_EQ(failure->object, "");
}

TEST(MigrationFailure, KnowsWhyNoConnectionCouldBeHad) {
  const std::string psql =
      "psql: error: connection to server at \"db\" (172.18.0.2), port 5432 failed: FATAL:  ";
  const auto full = RecognizeMigrationFailure(psql + "sorry, too many clients already\n");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->kind, Kind::kTooManyClients);
  EXPECT_EQ(full->sentence,
            "The server has no connection left for the migration: sorry, too many clients already");
  EXPECT_EQ(full->migration, "");
  for (const absl::string_view words :
       {"too many connections for role \"shop\"", "too many connections for database \"shop\"",
        "remaining connection slots are reserved for non-replication superuser connections"}) {
    EXPECT_EQ(RecognizeMigrationFailure(absl::StrCat(psql, words))->kind, Kind::kTooManyClients);
  }
  const auto wrong =
      RecognizeMigrationFailure(psql + "password authentication failed for user \"shop\"\n");
  EXPECT_EQ(wrong->kind, Kind::kNotLetIn);
  const auto lost = RecognizeMigrationFailure(
      "psql: error: connection to server at \"db\", port 5432 failed: Connection refused\n");
  EXPECT_EQ(lost->kind, Kind::kConnectionLost);
}

TEST(MigrationFailure, KnowsADatabaseThatTakesNoChanges) {
  const auto failure = RecognizeMigrationFailure(
      "psql:a.sql:1: ERROR:  cannot execute CREATE TABLE in a read-only transaction\n");
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, Kind::kReadOnly);
  EXPECT_EQ(failure->migration, "a.sql");
}

TEST(MigrationFailure, KnowsAnExtensionThatTheServerDoesNotHave) {
  for (const absl::string_view line :
       {"ERROR:  extension \"postgis\" is not available\n"
        "DETAIL:  Could not open extension control file "
        "\"/usr/share/postgresql/15/extension/postgis.control\": No such file or directory.\n",
        "ERROR:  could not open extension control file "
        "\"/usr/share/postgresql/12/extension/postgis.control\": No such file or directory\n"}) {
    const auto failure = RecognizeMigrationFailure(line);
    ASSERT_TRUE(failure.has_value()) << line;
    EXPECT_EQ(failure->sentence, "The extension postgis is not installed on the database's server");
    EXPECT_THAT(failure->ways_out[0], HasSubstr("postgresql-VERSION-NAME"));
  }
}

TEST(MigrationFailure, KnowsARoleThatTheUserIsNoMemberOf) {
  for (const absl::string_view message :
       {"must be member of role \"owner\"", "must be able to SET ROLE \"owner\""}) {
    const auto failure = RecognizeMigrationFailure(absl::StrCat("ERROR:  ", message, "\n"));
    ASSERT_TRUE(failure.has_value()) << message;
    EXPECT_EQ(failure->kind, Kind::kPermission);
    EXPECT_EQ(failure->object, "owner");
  }
}

TEST(ObjectComparison, ShowsWhatIsThereAndSinceWhen) {
  CatalogueObject table;
  table.schema = "public";
  table.name = "shop_invoice";
  CatalogueObject column = table;
  column.kind = ObjectKind::kColumn;
  column.table = table.name;
  column.name = "number";
  column.definition = "integer";
  column.strict = true;
  const Catalogue there{{table, column}, {}};
  const auto compared = CompareObject(FailureIn("django_duplicate_table"), there, there, nullptr);
  EXPECT_EQ(compared.sentence,
            "Table shop_invoice is there, since before this migration, in schema public");
  EXPECT_THAT(compared.lines, ::testing::ElementsAre("number integer NOT NULL"));
}

TEST(ShownQuery, HasNoLiteralsAndNoComments) {
  EXPECT_EQ(ShownQuery("UPDATE \"T 1\" SET a1 = 'it''s', b = E'\\'x' -- 'secret\n WHERE id = 12.5"),
            "UPDATE \"T 1\" SET a1 = ?, b = ? WHERE id = ?");
  EXPECT_EQ(ShownQuery("DO $x$ secret $x$; SELECT $1 /* s */ FROM t"), "DO ?; SELECT $1 FROM t");
  EXPECT_EQ(ShownQuery("SELECT 'cut off by the serv"), "SELECT ?");
  EXPECT_EQ(ShownQuery("SELECT abcdef", 9), "SELECT ab…");
}

}  // namespace
}  // namespace davit::database
