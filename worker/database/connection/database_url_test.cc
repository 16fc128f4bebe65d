#include "worker/database/connection/database_url.h"

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

TEST(DatabaseUrl, DecodesWhatIsPercentEncoded) {
  const DatabaseUrl url = Parsed("postgres://a%40b:p%2F%3A%23%25%40+x@db/my%20shop");
  EXPECT_EQ(url.user, "a@b");
  EXPECT_EQ(url.password, "p/:#%@+x");
  EXPECT_EQ(url.database, "my shop");
}

TEST(DatabaseUrl, ReadsPasswordsThatNobodyEncodedAsPythonDoes) {
  EXPECT_EQ(Parsed("postgres://ada:p@ss:100%@db/shop").password, "p@ss:100%");
  EXPECT_EQ(Parsed("postgres://ada:p@ss:100%@db/shop").HostsText(), "db:5432");
}

TEST(DatabaseUrl, HasAddressesOfBothKinds) {
  EXPECT_THAT(Parsed("postgres://[fd00::1]:6543/shop").hosts,
              ElementsAre(DatabaseHost{"fd00::1", 6543}));
  EXPECT_EQ(Parsed("postgres://ada@[fd00::1]/shop").Redacted(),
            "postgresql://ada@[fd00::1]:5432/shop");
  EXPECT_THAT(Parsed("postgres://10.0.0.5/shop").hosts, ElementsAre(DatabaseHost{"10.0.0.5"}));
}

TEST(DatabaseUrl, NamesUnixSocketsInEveryWayThatIsInUse) {
  for (const char* text :
       {"postgresql://ada@/shop?host=/run/postgresql", "postgres://ada@%2Frun%2Fpostgresql/shop",
        "postgres://ada@//run/postgresql/shop"}) {
    const DatabaseUrl url = Parsed(text);
    EXPECT_EQ(url.HostsText(), "/run/postgresql/.s.PGSQL.5432") << text;
    EXPECT_EQ(url.database, "shop") << text;
    EXPECT_TRUE(url.hosts.at(0).IsSocket());
  }
}

TEST(DatabaseUrl, HasSeveralHostsInTheirOrder) {
  EXPECT_THAT(Parsed("postgresql://one:1,two/shop").hosts,
              ElementsAre(DatabaseHost{"one", 1}, DatabaseHost{"two", 5432}));
}

TEST(DatabaseUrl, TakesThePortBehindTheHostInTheQuery) {
  EXPECT_EQ(Parsed("postgresql:///shop?host=/run&port=6543").HostsText(), "/run/.s.PGSQL.6543");
  EXPECT_EQ(Parsed("postgresql:///shop?port=6543&host=/run").HostsText(), "/run/.s.PGSQL.6543");
}

TEST(DatabaseUrl, LetsTheQueryNameUserAndPasswordAsJdbcDoes) {
  const DatabaseUrl url = Parsed("jdbc:postgresql://db/shop?user=ada&password=p%26q");
  EXPECT_EQ(url.user, "ada");
  EXPECT_EQ(url.password, "p&q");
}

TEST(DatabaseUrl, TranslatesWhatDriversCallOtherwise) {
  EXPECT_THAT(Parsed("postgres://db/shop?ssl=true").options,
              ElementsAre(Pair("sslmode", "require")));
  EXPECT_THAT(Parsed("postgres://db/shop?currentSchema=sales").options,
              ElementsAre(Pair("options", "-c search_path=sales")));
  EXPECT_THAT(Parsed("postgres://db/shop?options=-c+search_path%3Dsales").options,
              ElementsAre(Pair("options", "-c search_path=sales")));
}

TEST(DatabaseUrl, LeavesOutWhatIsTheApplicationsOwn) {
  const DatabaseUrl url = Parsed("postgres://db/shop?conn_max_age=600&pool=5&connect_timeout=3");
  EXPECT_THAT(url.options, IsEmpty());
  EXPECT_THAT(url.left_out, ElementsAre("conn_max_age", "pool", "connect_timeout"));
}

TEST(DatabaseUrl, SaysWhatStillWorksWithAnotherEngine) {
  for (const char* text : {"mysql://ada:hidden@db/shop", "mysql+pymysql://ada:hidden@db/shop",
                           "sqlite:///hidden.db", "oracle://ada:hidden@db/shop"}) {
    const absl::Status status = ParseDatabaseUrl(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << text;
    EXPECT_THAT(status.message(), HasSubstr("declare the migration as its first task"));
    EXPECT_THAT(status.message(), Not(HasSubstr("hidden")));
  }
  EXPECT_THAT(ParseDatabaseUrl("mysql://db/shop").status().message(), HasSubstr("is MySQL:"));
}

TEST(DatabaseUrl, SaysWhatIsWrongAndNothingThatIsSecret) {
  for (const char* text :
       {"", "hidden", "hidden@db/shop", "hid den://db/shop", "postgres://ada:hid#den@db/shop",
        "postgres://ada:hid?den@db/shop", "postgres://ada:hidden@db:70000/shop",
        "postgres://ada:hidden@db:port/shop", "postgres://ada:hidden@[fd00::1/shop",
        "postgres://ada:hid/den@db/shop", "postgres://ada:hidden@db/shop?port=none"}) {
    const absl::Status status = ParseDatabaseUrl(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    for (const char* secret : {"hid", "den", "ada"}) {
      EXPECT_THAT(status.message(), Not(HasSubstr(secret))) << text;
    }
  }
}

TEST(DatabaseUrl, IsRedactedWithoutPasswordAndOptions) {
  EXPECT_EQ(Parsed("postgresql+psycopg2://ada:hidden@db:1/shop?sslpassword=hidden2").Redacted(),
            "postgresql://ada@db:1/shop");
}

}  // namespace
}  // namespace davit::database
