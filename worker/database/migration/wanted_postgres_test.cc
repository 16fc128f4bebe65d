#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/database/catalogue/catalogue.h"
#include "worker/database/migration/migration_rest.h"
#include "worker/database/migration/object_comparison.h"
#include "worker/database/migration/wanted_object.h"
#include "worker/database/testing/duplicate_maker.h"
#include "worker/database/testing/session_fixture.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class WantedObjectTest : public SessionTest {
 protected:
  // What is there of the name, held against what `script` wants.
  ObjectComparison Compare(const MigrationFailure& failure, const std::string& script) const {
    const auto session = Open();
    const auto wanted = FindWanted(script, failure);
    EXPECT_TRUE(wanted.has_value());
    const auto there = ReadCatalogue(*session, Call());
    EXPECT_TRUE(there.ok()) << there.status();
    const auto made = TryWanted(*session, wanted.value_or(WantedStatement()), "public", Call());
    EXPECT_TRUE(made.ok()) << made.status();
    const auto after = ReadCatalogue(*session, Call());
    EXPECT_EQ(CatalogueText(*there), CatalogueText(after.value_or(Catalogue()))) << "it is undone";
    return CompareObject(failure, *there, *there, &*made);
  }
};

TEST_F(WantedObjectTest, IsTheSameTableWhateverWasAddedToItSince) {
  Sql("CREATE TYPE state AS ENUM ('open');"
      "CREATE TABLE cargo (id serial PRIMARY KEY, name varchar(20) NOT NULL, at state);"
      "CREATE INDEX by_name ON cargo (name)");
  const auto compared =
      Compare(Exists(MigrationFailureKind::kDuplicateTable, "cargo"),
              "CREATE TABLE \"cargo\" (\"id\" serial NOT NULL PRIMARY KEY, name varchar(20) NOT "
              "NULL, at state NULL)");
  EXPECT_EQ(compared.as_wanted, true) << compared.differences.front();
}

TEST_F(WantedObjectTest, IsAnotherTableWhereColumnsDiffer) {
  Sql("CREATE TABLE cargo (id int, name text, extra int)");
  const auto compared = Compare(Exists(MigrationFailureKind::kDuplicateTable, "cargo"),
                                "CREATE TABLE cargo (id int, name varchar(20) NOT NULL)");
  EXPECT_EQ(compared.as_wanted, false);
  EXPECT_THAT(compared.differences,
              UnorderedElementsAre("wanted, and not there: name character varying(20) NOT NULL",
                                   "there, and not wanted: name text",
                                   "there, and not wanted: extra integer"));
}

TEST_F(WantedObjectTest, MayBeAColumnAnIndexOrAConstraint) {
  Sql("CREATE TABLE cargo (id int, note text NOT NULL, CONSTRAINT positive CHECK (id > 0));"
      "CREATE INDEX by_note ON cargo (note)");
  EXPECT_EQ(Compare(Exists(MigrationFailureKind::kDuplicateColumn, "note", "cargo"),
                    "ALTER TABLE cargo ADD COLUMN note text DEFAULT '' NOT NULL;"
                    "ALTER TABLE cargo ALTER COLUMN note DROP DEFAULT;")
                .as_wanted,
            true);
  EXPECT_EQ(Compare(Exists(MigrationFailureKind::kDuplicateIndex, "by_note"),
                    "CREATE INDEX by_note ON cargo (note);")
                .as_wanted,
            true);
  EXPECT_EQ(Compare(Exists(MigrationFailureKind::kDuplicateConstraint, "positive", "cargo"),
                    "ALTER TABLE cargo ADD CONSTRAINT positive CHECK (id > 0);")
                .as_wanted,
            true);
  EXPECT_THAT(Compare(Exists(MigrationFailureKind::kDuplicateIndex, "by_note"),
                      "CREATE UNIQUE INDEX by_note ON cargo (note);")
                  .differences,
              ElementsAre("wanted, and not there: unique index by_note: USING btree (note)",
                          "there, and not wanted: index by_note: USING btree (note)"));
}

TEST_F(WantedObjectTest, IsOneOfSeveralThingsThatAMigrationWants) {
  Sql("CREATE TABLE tenant (id int); CREATE TABLE note (id int, text text NOT NULL)");
  const std::string script =
      "CREATE TABLE note (id int, text text NOT NULL); CREATE INDEX by_text ON note (text);"
      "ALTER TABLE tenant ADD COLUMN colour text NULL; UPDATE tenant SET colour = '';";
  const auto rest = [&] {
    const auto session = Open();
    const auto there = ReadCatalogue(*session, Call());
    EXPECT_TRUE(there.ok()) << there.status();
    return LookUpRest(*session, script, Exists(MigrationFailureKind::kDuplicateTable, "note"),
                      *there, "public", Call());
  };
  EXPECT_THAT(rest().missing, ElementsAre("index by_text of note", "column colour of tenant"));
  EXPECT_THAT(rest().unknown, ElementsAre("UPDATE tenant SET colour = ''"));
  Sql("CREATE INDEX by_text ON note (id); ALTER TABLE tenant ADD colour text");
  EXPECT_THAT(rest().missing, ElementsAre("index by_text of note (it is another one)"));
  Sql("DROP INDEX by_text; CREATE INDEX by_text ON note (text)");
  EXPECT_THAT(rest().missing, ElementsAre());
}

TEST_F(WantedObjectTest, IsUnfinishedWhereAnIndexIs) {
  Sql("CREATE TABLE cargo (id int); INSERT INTO cargo VALUES (1), (1)");
  const auto session = Open();
  EXPECT_FALSE(session->Query("CREATE UNIQUE INDEX CONCURRENTLY one ON cargo (id)", Call()).ok());
  const auto compared = Compare(Exists(MigrationFailureKind::kDuplicateTable, "one"),
                                "CREATE UNIQUE INDEX CONCURRENTLY one ON cargo (id);");
  EXPECT_TRUE(compared.unfinished);
  EXPECT_EQ(compared.as_wanted, false);
}

TEST_F(WantedObjectTest, HasNoDigestsForPeople) {
  Sql("CREATE VIEW cargo AS SELECT 1 AS id");
  const auto compared = Compare(Exists(MigrationFailureKind::kDuplicateTable, "cargo"),
                                "CREATE TABLE cargo (id int)");
  EXPECT_THAT(compared.lines, ElementsAre());
  EXPECT_THAT(compared.differences, ElementsAre("wanted, and not there: table cargo",
                                                "there, and not wanted: view cargo"));
}

TEST_F(WantedObjectTest, IsNotKnownWhereTheServerRefusesIt) {
  Sql("CREATE TABLE cargo (id int)");
  WantedStatement wanted;
  wanted.table = wanted.name = "cargo";
  wanted.rest = "(id nothing)";
  const auto session = Open();
  EXPECT_FALSE(TryWanted(*session, wanted, "public", Call()).ok());
  EXPECT_TRUE(session->Query("SELECT 1", Call()).ok()) << "the session is well";
}

}  // namespace
}  // namespace davit::database
