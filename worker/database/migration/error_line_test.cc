#include "worker/database/migration/error_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {
namespace {

using ::testing::EndsWith;
using ::testing::SizeIs;

// All were captured but Flyway's: psql 15, Django 3.2, Alembic 1.8, Rails 6.1 (its `rake`), knex 3,
// Node.js 20, dash and bash. Stack frames are left out here and there.
struct OtherOutput {
  std::string file;
  std::string text;
  std::string line;  // empty: as the text
};

const OtherOutput kOtherOutputs[] = {
    {"psql_division", "division by zero", "psql:s.sql:3: ERROR:  division by zero"},
    {"psql_aborted", "division by zero", "psql:s2.sql:2: ERROR:  division by zero"},
    {"django_division", "DataError: division by zero",
     "django.db.utils.DataError: division by zero"},
    {"django_python", "KeyError: 'vat'", ""},
    {"django_command_error", "CommandError: No installed app with label 'nope'.", ""},
    {"alembic_division", "DataError: (psycopg2.errors.DivisionByZero) division by zero",
     "sqlalchemy.exc.DataError: (psycopg2.errors.DivisionByZero) division by zero"},
    {"alembic_no_revision", "Can't locate revision identified by 'nope'",
     "FAILED: Can't locate revision identified by 'nope'"},
    {"rails_division", "division by zero", "PG::DivisionByZero: ERROR:  division by zero"},
    {"rails_script",
     "NameError: undefined local variable or method `vat_rates' for #<AddVat:0x00007f095afee088 "
     "@name=\"AddVat\", @version=20240105101500, @connection=nil>",
     ""},
    {"flyway_division", "division by zero", "Message    : ERROR: division by zero"},
    {"knex_division", "select 1/0 - division by zero", "error: select 1/0 - division by zero"},
    {"knex_script", "TypeError: Cannot read the rates", ""},
    {"node_script", "the rates are missing", "Error: the rates are missing"},
    {"shell_not_found", "m.sh: 4: migrate-it: not found", ""},
};

std::string OtherOutputOf(absl::string_view file) {
  std::ifstream in(
      absl::StrCat(DAVIT_SOURCE_DIR, "/worker/database/migration/testdata/", file, ".txt"));
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_NE(text.str(), "") << file;
  return text.str();
}

TEST(ErrorLine, IsFoundInOutputsThatNothingIsKnownOf) {
  for (const OtherOutput& other : kOtherOutputs) {
    SCOPED_TRACE(other.file);
    const std::string output = OtherOutputOf(other.file);
    EXPECT_FALSE(RecognizeMigrationFailure(output).has_value());
    const auto found = FindErrorLine(output);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->text, other.text);
    EXPECT_EQ(found->line, other.line.empty() ? other.text : other.line);
  }
}

std::string TextIn(absl::string_view output) {
  const auto found = FindErrorLine(output);
  return found.has_value() ? found->text : "";
}

TEST(ErrorLine, IsFoundByItsFormInWhatOtherLanguagesSay) {
  EXPECT_EQ(TextIn("Exception in thread \"main\" java.lang.IllegalStateException: no rates\n\tat "
                   "shop.Main.main(Main.java:3)\n"),
            "IllegalStateException: no rates");
  EXPECT_EQ(TextIn("a.rb:1:in `/': divided by 0 (ZeroDivisionError)\n\tfrom a.rb:1:in `<main>'\n"),
            "divided by 0 (ZeroDivisionError)");
  EXPECT_EQ(TextIn("** (Postgrex.Error) ERROR 22012 (division_by_zero) division by zero\n"),
            "ERROR 22012 (division_by_zero) division by zero");
  EXPECT_EQ(TextIn("panic: no rates\n\ngoroutine 1 [running]:\n"), "no rates");
  EXPECT_EQ(TextIn("usage: migrate\nmigrate: error: no such way\n"), "no such way");
  EXPECT_EQ(TextIn("\x1b[31merror: no rates\x1b[0m\r\n"), "no rates");
}

TEST(ErrorLine, IsTheLastButNoWordThatSomethingElseHasFailed) {
  EXPECT_EQ(TextIn("error: one\nerror: two\nnpm error code 1\nmake: *** [migrate] Error 1\n"
                   "error: \"migrate\" exited with code 1\n"),
            "two");
  EXPECT_EQ(TextIn("NOTICE:  ERROR: none\nDETAIL:  ERROR: row (Smith)\nall is well\n"), "");
}

TEST(ErrorLine, HasTheRestFromTheNextLine) {
  EXPECT_EQ(TextIn("StandardError: An error has occurred, this and all later migrations "
                   "canceled:\n\nthe rates are missing\n/app/a.rb:3:in `up'\n"),
            "the rates are missing");
}

TEST(ErrorLine, OfAShellCountsOnlyAtTheEnd) {
  EXPECT_EQ(TextIn("ls: cannot access 'a': No such file or directory\nthe rates are missing\n"),
            "");
}

TEST(ErrorLine, IsCutWhereItIsLong) {
  const auto found = FindErrorLine(absl::StrCat("ERROR: ", std::string(1000, 'x')));
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(found->text, SizeIs(303));
  EXPECT_THAT(found->line, EndsWith("…"));
}

TEST(LastLine, IsTheLastThatSaysAnything) {
  EXPECT_EQ(LastLine(OtherOutputOf("shell_own_words")),
            "the export of orders is incomplete: 3 of 7 files");
  EXPECT_EQ(LastLine("begun\nDETAIL:  row (Smith)\n    at a.js:1\n-----\nexit status 1\n\n"),
            "begun");
  EXPECT_EQ(LastLine(""), "");
}

}  // namespace
}  // namespace davit::database
