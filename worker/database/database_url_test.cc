#include "worker/database/database_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

DatabaseUrl Parsed(absl::string_view text) {
  const absl::StatusOr<DatabaseUrl> url = ParseDatabaseUrl(text);
  EXPECT_TRUE(url.ok()) << url.status();
  return url.value_or(DatabaseUrl());
}

TEST(DatabaseUrl, HasWhatItSays) {
  const DatabaseUrl url = Parsed("postgresql://ada:secret@db.example:6543/shop?sslmode=require");
  EXPECT_THAT(url.hosts, ElementsAre(DatabaseHost{"db.example", 6543}));
  EXPECT_EQ(url.user, "ada");
  EXPECT_EQ(url.password, "secret");
  EXPECT_EQ(url.database, "shop");
  EXPECT_THAT(url.options, ElementsAre(Pair("sslmode", "require")));
}

TEST(DatabaseUrl, HasThePortThatServersHaveWhereItSaysNone) {
  EXPECT_THAT(Parsed("postgres://db/shop").hosts, ElementsAre(DatabaseHost{"db", 5432}));
  EXPECT_THAT(Parsed("postgres://").hosts, ElementsAre(DatabaseHost{"localhost", 5432}));
}

class PostgresScheme : public ::testing::TestWithParam<const char*> {};

TEST_P(PostgresScheme, IsUnderstood) {
  const DatabaseUrl url = Parsed(absl::StrCat(GetParam(), "://ada:x@db/shop"));
  EXPECT_EQ(url.Redacted(), "postgresql://ada@db:5432/shop");
}

INSTANTIATE_TEST_SUITE_P(All, PostgresScheme,
                         ::testing::Values("postgres", "postgresql", "pgsql", "psql", "postgis",
                                           "timescale", "postgresql+psycopg2", "postgresql+psycopg",
                                           "postgresql+asyncpg", "postgres+pool", "jdbc:postgresql",
                                           "PostgreSQL"));

}  // namespace
}  // namespace davit::database
