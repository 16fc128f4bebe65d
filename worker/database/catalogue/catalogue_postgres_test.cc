#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/catalogue/catalogue_diff.h"
#include "worker/database/catalogue/rollback_meaning.h"
#include "worker/database/testing/session_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

class CataloguePostgresTest : public SessionTest {
 protected:
  Catalogue Read() const {
    auto catalogue = ReadCatalogue(*Open(), Call());
    EXPECT_TRUE(catalogue.ok()) << catalogue.status();
    return catalogue.value_or(Catalogue());
  }
  // What `sql` changes, a line each: meaning and sentence.
  std::string ChangeBy(const std::string& sql) const {
    const Catalogue before = Read();
    Sql(sql);
    std::string text;
    for (const JudgedChange& one : JudgeChanges(DiffCatalogues(before, Read())).changes) {
      absl::StrAppend(&text, MeaningWord(one.meaning), ": ", ChangeSentence(one.change), "\n");
    }
    return text;
  }
};

TEST_F(CataloguePostgresTest, SeesAndJudgesEachChangeOfARealServer) {
  Sql("CREATE TABLE customer (id int PRIMARY KEY, name varchar(20) NOT NULL, old text);"
      "CREATE TYPE state AS ENUM ('open'); CREATE VIEW v AS SELECT id FROM customer;"
      "CREATE TABLE django_migrations (id serial, app text, name text)");
  const std::pair<std::string, std::string> changes[] = {
      {"ALTER TABLE customer ADD vat text", "safe: Column vat (text) was added to customer\n"},
      {"ALTER TABLE customer ADD n int NOT NULL DEFAULT 3",
       "safe: Column n (integer, not null, default 3) was added to customer\n"},
      {"ALTER TABLE customer ALTER n DROP DEFAULT",
       "unsafe: The default of column n of customer was changed from 3 to none\n"},
      {"ALTER TABLE customer ALTER name TYPE varchar(40)",
       "safe: Column name of customer was changed from character varying(20) to character "
       "varying(40)\n"},
      {"ALTER TABLE customer ALTER name DROP NOT NULL",
       "safe: Column name of customer may be null now\n"},
      {"ALTER TABLE customer RENAME old TO older",
       "unsafe: Column old of customer was renamed to older\n"},
      {"ALTER TABLE customer DROP older",
       "unsafe: Column older (text) was removed from customer\n"},
      {"CREATE INDEX i ON customer (name)",
       "safe: Index i (USING btree (name)) was added to customer\n"},
      {"CREATE UNIQUE INDEX u ON customer (vat)",
       "unsafe: Unique index u (USING btree (vat)) was added to customer\n"},
      {"ALTER TABLE customer ADD CONSTRAINT c CHECK (n > 0)",
       "unsafe: Check constraint c (CHECK ((n > 0))) was added to customer\n"},
      {"ALTER TYPE state ADD VALUE 'paid'", "safe: Enum state (open, paid) was changed\n"},
      {"CREATE OR REPLACE VIEW v AS SELECT id, name FROM customer",
       "unknown: View v was changed\n"},
      {"CREATE TRIGGER t BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION "
       "suppress_redundant_updates_trigger()",
       "unknown: Trigger t was added to customer\n"},
      {"CREATE SEQUENCE s", "safe: Sequence s was added\n"},
      {"INSERT INTO django_migrations (app, name) VALUES ('shop', '0002_b')",
       "safe: Migration shop.0002_b was added to django_migrations\n"},
      {"CREATE TABLE invoice (id int PRIMARY KEY, customer int REFERENCES customer)",
       "safe: Foreign key invoice_customer_fkey (FOREIGN KEY (customer) REFERENCES "
       "public.customer(id)) was added to invoice\nsafe: Table invoice was added\n"},
      {"ALTER TABLE invoice RENAME TO bill", "unsafe: Table invoice was renamed to bill\n"},
      {"INSERT INTO customer (id, n) VALUES (1, 1)", ""},
  };
  for (const auto& [sql, change] : changes) {
    SCOPED_TRACE(sql);
    std::string seen = ChangeBy(sql);
    if (sql.find("CREATE TABLE") == 0) {
      EXPECT_THAT(seen, HasSubstr("safe: Table invoice was added\n"));
      EXPECT_THAT(seen, HasSubstr("safe: Foreign key invoice_customer_fkey"));
    } else {
      EXPECT_EQ(seen, change);
    }
  }
}

TEST_F(CataloguePostgresTest, CallsNothingSafeOnWhichOldStatementsMayFail) {
  Sql("CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL);"
      "CREATE TABLE parts (id int, name text CHECK (name <> '')) PARTITION BY RANGE (id)");
  const std::string unknown[] = {
      "CREATE DOMAIN filled AS text CHECK (VALUE IS NOT NULL); ALTER TABLE t ADD a filled",
      "CREATE DOMAIN outer_one AS filled; ALTER TABLE t ADD b outer_one",
      "ALTER TABLE t ADD c int; ALTER TABLE t ALTER c SET DEFAULT (1/0)",
      "ALTER TABLE t ADD d int GENERATED ALWAYS AS (1 / (length(name) - 1)) STORED",
      "CREATE TABLE child () INHERITS (t)",
      "CREATE TABLE part1 PARTITION OF parts (CHECK (name <> 'a')) FOR VALUES FROM (0) TO (9)",
  };
  for (const std::string& sql : unknown) {
    EXPECT_THAT(ChangeBy(sql), HasSubstr("unknown: ")) << sql;
  }
  EXPECT_THAT(ChangeBy("CREATE DOMAIN needed AS text NOT NULL; ALTER TABLE t ADD e needed"),
              HasSubstr("unsafe: Column e"));
}

TEST_F(CataloguePostgresTest, CallsEverydayChangesSafe) {
  Sql("CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL);"
      "CREATE TABLE parts (id int PRIMARY KEY, name text NOT NULL CHECK (name <> '')) "
      "PARTITION BY RANGE (id)");
  const std::string safe[] = {
      "ALTER TABLE t ADD a varchar(20) NOT NULL DEFAULT 'x'",
      "ALTER TABLE t ADD b timestamptz NOT NULL DEFAULT now()",
      "ALTER TABLE t ADD c uuid NOT NULL DEFAULT gen_random_uuid()",
      "ALTER TABLE t ADD d bigserial",
      "ALTER TABLE t ADD e int GENERATED BY DEFAULT AS IDENTITY",
      "ALTER TABLE t ADD f numeric(10, 2) NOT NULL DEFAULT 0",
      "ALTER TABLE t ADD g double precision NOT NULL DEFAULT -1.5",
      "ALTER TABLE t ADD h jsonb NOT NULL DEFAULT '{}'",
      "ALTER TABLE t ADD i text[] NOT NULL DEFAULT ARRAY[]::text[]",
      "ALTER TABLE t ADD j date DEFAULT current_date",
      "ALTER TABLE t ADD k smallint NOT NULL DEFAULT -1",
      "ALTER TABLE t ADD l timestamp DEFAULT (now() AT TIME ZONE 'utc')",
      "ALTER TABLE t ADD m text GENERATED ALWAYS AS (lower(name)) STORED",
      "ALTER TABLE t ADD n boolean NOT NULL DEFAULT false",
      "ALTER TABLE t ADD o interval NOT NULL DEFAULT '1 day'",
      "CREATE DOMAIN mail AS text CHECK (VALUE ~ '@'); ALTER TABLE t ADD p mail",
      "CREATE TABLE n (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, t int REFERENCES t)",
      "CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (9)",
  };
  for (const std::string& sql : safe) {
    const std::string change = ChangeBy(sql);
    EXPECT_THAT(change, HasSubstr("safe: ")) << sql;
    EXPECT_THAT(change, ::testing::Not(HasSubstr("un"))) << sql;
  }
}

TEST_F(CataloguePostgresTest, SaysThatAnIndexIsUnfinishedAndIsToBeDropped) {
  Sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)");
  const Catalogue before = Read();
  EXPECT_FALSE(Open()->Query("CREATE UNIQUE INDEX CONCURRENTLY one ON t (id)", Call()).ok());
  const auto judged = JudgeChanges(DiffCatalogues(before, Read()));
  ASSERT_EQ(judged.changes.size(), 1u);
  EXPECT_EQ(judged.meaning, RollbackMeaning::kUnsafe);
  EXPECT_THAT(judged.changes[0].reason, HasSubstr("it is invalid"));
  EXPECT_THAT(judged.changes[0].reason, HasSubstr("`DROP INDEX CONCURRENTLY one`"));
  EXPECT_EQ(judged.changes[0].undo_sql, "DROP INDEX CONCURRENTLY one");
}

TEST_F(CataloguePostgresTest, SeesThatAColumnGoesOnUnderAnotherNameThoughItsOwnIsTaken) {
  Sql("CREATE TABLE t (id int, name text)");
  EXPECT_EQ(ChangeBy("ALTER TABLE t RENAME name TO nm; ALTER TABLE t ADD name text"),
            "safe: Column name (text) was added to t\n"
            "unsafe: Column name of t was renamed to nm\n");
}

TEST_F(CataloguePostgresTest, ReadsTheMigrationsOfRailsAndFlyway) {
  Sql("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
      "CREATE TABLE ar_internal_metadata (key varchar, value varchar);"
      "CREATE TABLE flyway_schema_history (installed_rank int, version varchar, script varchar, "
      "checksum int, success bool); CREATE SCHEMA other; CREATE TABLE other.schema_migrations (x "
      "int)");
  EXPECT_EQ(ChangeBy("INSERT INTO schema_migrations VALUES ('20240105101500');"
                     "INSERT INTO ar_internal_metadata VALUES ('environment', 'production');"
                     "INSERT INTO flyway_schema_history VALUES (1, '2', 'V2__vat.sql', 7, true), "
                     "(2, NULL, 'R__views.sql', 8, true)"),
            "safe: Migration environment was added to ar_internal_metadata\n"
            "safe: Migration 2 was added to flyway_schema_history\n"
            "safe: Migration R__views.sql #2 was added to flyway_schema_history\n"
            "safe: Migration 20240105101500 was added to schema_migrations\n");
}

TEST_F(CataloguePostgresTest, SeesThatAColumnOfTheSameNameAndTypeIsAnother) {
  Sql("CREATE TABLE customer (id int, vat text)");
  EXPECT_EQ(ChangeBy("ALTER TABLE customer DROP vat; ALTER TABLE customer ADD vat text"),
            "unsafe: Column vat of customer was dropped and created again: what it had is lost\n");
}

TEST_F(CataloguePostgresTest, ReadsWhatItMayNotAskFor) {
  Sql(absl::StrCat("CREATE TABLE django_migrations (app text, name text); CREATE ROLE blind_",
                   database(), " LOGIN"));
  const auto blind =
      OpenAs(absl::StrCat("postgresql://blind_", database(), "@/", database(),
                          "?host=", server().socket_directory(), "&port=", server().port()));
  const auto catalogue = ReadCatalogue(*blind, Call());
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  EXPECT_THAT(catalogue->gaps, ::testing::ElementsAre(HasSubstr("public.django_migrations")));
  EXPECT_EQ(JudgeDifference(*catalogue, *catalogue).meaning, RollbackMeaning::kUnknown);
}

TEST_F(CataloguePostgresTest, ReadsTwoHundredTenantsAndGroupsTheirChange) {
  Sql("DO $$ BEGIN FOR s IN 1..200 LOOP EXECUTE format('CREATE SCHEMA t%s', s);"
      " FOR t IN 1..50 LOOP EXECUTE format('CREATE TABLE t%s.a%s (id int PRIMARY KEY, name text, "
      "n int NOT NULL DEFAULT 0)', s, t); IF t % 10 = 0 THEN COMMIT; END IF;"
      " END LOOP; END LOOP; END $$");
  const Catalogue before = Read();
  Sql("DO $$ BEGIN FOR s IN 1..200 LOOP EXECUTE format('ALTER TABLE t%s.a1 ADD vat text', s); "
      "END LOOP; END $$");
  const absl::Time start = absl::Now();
  const Catalogue after = Read();
  const absl::Time read = absl::Now();
  const auto groups = GroupBySchema(DiffCatalogues(before, after));
  std::cout << after.objects.size() << " objects read in " << read - start << ", compared in "
            << absl::Now() - read << "\n";
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_THAT(groups[0].Sentence(), HasSubstr("Column vat (text) was added to a1, in 200 schemas"));
  EXPECT_NE(CatalogueHash(before), CatalogueHash(after));
}

}  // namespace
}  // namespace davit::database
