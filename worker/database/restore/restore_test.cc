#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/testing/restore_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(RestoreTest, PutsTheBackupInThePlaceOfTheDatabaseAndKeepsThat) {
  const auto result = Restore(connector());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(State(), "then");
  EXPECT_THAT(result->before, StartsWith(database() + "_before_"));
  EXPECT_EQ(server().Sql(result->before, "SELECT word FROM state").value_or(""), "now\n");
  EXPECT_EQ(Databases(), absl::StrCat(database(), "|t\n", result->before, "|t\n"));
}

TEST_F(RestoreTest, OwnerAndSettingsAreAsBefore) {
  Server(absl::StrReplaceAll(
      R"(ALTER DATABASE @ SET search_path TO "$user", 'a "b"', public;
         ALTER DATABASE @ SET statement_timeout TO '7s';
         ALTER DATABASE @ SET app.tenant TO 'it''s \ one';
         ALTER DATABASE @ SET default_transaction_read_only TO on;
         ALTER ROLE % IN DATABASE @ SET work_mem TO '8MB';
         COMMENT ON DATABASE @ IS 'the shop''s';
         ALTER DATABASE @ CONNECTION LIMIT 17;
         REVOKE ALL ON DATABASE @ FROM PUBLIC;
         GRANT CONNECT ON DATABASE @ TO pg_monitor WITH GRANT OPTION;
         GRANT TEMPORARY ON DATABASE @ TO PUBLIC)",
      {{"@", database()}, {"%", owner_}}));
  const std::string look = absl::StrReplaceAll(
      R"(SELECT pg_get_userbyid(datdba), encoding, datcollate, datctype, datconnlimit,
           shobj_description(oid, 'pg_database'),
           (SELECT string_agg(format('%s %s %s', grantee, privilege_type, is_grantable), ', '
                              ORDER BY grantee, privilege_type) FROM aclexplode(datacl)),
           (SELECT string_agg(format('%s: %s', setrole, setconfig), E' ' ORDER BY setrole)
            FROM pg_db_role_setting WHERE setdatabase = d.oid)
         FROM pg_database d WHERE datname = '@')",
      {{"@", database()}});
  const std::string before = Server(look);
  EXPECT_THAT(before, HasSubstr("app.tenant"));
  const auto result = Restore(connector());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Server(look), before);
  EXPECT_EQ(State(), "then");
  EXPECT_EQ(Sql("SELECT tableowner FROM pg_tables WHERE tablename = 'state'"), owner_);
}

TEST_F(RestoreTest, HasNoCommentWhereTheDatabaseHadNone) {
  ASSERT_TRUE(Restore(connector()).ok());
  EXPECT_EQ(Server(absl::StrCat("SELECT coalesce(shobj_description(oid, 'pg_database'), 'none') "
                                "FROM pg_database WHERE datname = '",
                                database(), "'")),
            "none\n");
}

TEST_F(RestoreTest, EncodingAndLocaleAreAsBefore) {
  Server(absl::StrCat("DROP DATABASE ", database(), " WITH (FORCE)"));
  Server(absl::StrCat("CREATE DATABASE ", database(),
                      " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"));
  const auto result = Restore(connector());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Sql("SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database "
                "WHERE datname = current_database()"),
            "LATIN1|C");
}

TEST_F(RestoreTest, EndsTheSessionsThatUseTheDatabase) {
  const auto session = Connect(*ParseDatabaseUrl(url()), {}, {});
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE((*session)->Query("BEGIN; UPDATE state SET word = 'later'", {}).ok());
  ASSERT_TRUE(Restore(connector()).ok());
  EXPECT_FALSE((*session)->Query("COMMIT", {}).ok());
  EXPECT_EQ(State(), "then");
}

TEST_F(RestoreTest, NeedsNoSuperuser) {
  LoadRequest request = LoadOf();
  request.environment["PGUSER"] = owner_;
  request.environment["PGPASSWORD"] = "owner";
  const absl::Status loaded = LoadBackup({}, *tools_, ConnectorOfOwner(), request, nullptr);
  ASSERT_TRUE(loaded.ok()) << loaded;
  const auto result = SwapIn({}, ConnectorOfOwner(), SwapOf());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(State(), "then");
}

TEST(RestoreNames, FitTheServerAndDifferWhereTheDatabasesDo) {
  const std::string longest(62, 'x');
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(BeforeName("shop", now), "shop_before_20231114221320000");
  EXPECT_NE(BeforeName("shop", now), BeforeName("shop", now + absl::Milliseconds(1)));
  EXPECT_EQ(BeforeName(longest + "a", now).size(), 63);
  EXPECT_EQ(RestoringName(longest + "a", "key").size(), 63);
  EXPECT_NE(RestoringName(longest + "a", "key"), RestoringName(longest + "b", "key"));
  EXPECT_THAT(RestoringName(longest, "key"), StartsWith(RestoringPrefix(longest)));
}

TEST(RestoreNames, OfALoadAreAlwaysTheSameAndOfAnotherOneOthers) {
  EXPECT_EQ(RestoringName("shop", "shop-dev-7-04"), "shop_restoring_6d66f5e5cd689a");
  EXPECT_NE(RestoringName("shop", "shop-dev-7-04"), RestoringName("shop", "shop-dev-7-05"));
}

}  // namespace
}  // namespace davit::database
