#include "worker/database/connection/database_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "worker/database/testing/session_fixture.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

class DatabaseIdentityTest : public SessionTest {
 protected:
  static DatabaseIdentity Of(Connection& connection) {
    const auto identity = ReadDatabaseIdentity(connection, {});
    EXPECT_TRUE(identity.ok()) << identity.status();
    return identity.value_or(DatabaseIdentity());
  }
};

TEST_F(DatabaseIdentityTest, IsOneWhoeverAsksOverWhateverWay) {
  const std::string role = absl::StrCat("asks_", database());
  Sql(absl::StrCat("CREATE ROLE ", role, " LOGIN PASSWORD 'asks'"));
  const auto drop = absl::MakeCleanup([&] { Sql("DROP ROLE " + role); });
  const DatabaseIdentity ours = Of(*Open());
  const DatabaseIdentity theirs = Of(*OpenAs(
      absl::StrCat("postgres://", role, ":asks@127.0.0.1:", server().port(), "/", database())));
  EXPECT_TRUE(IsSameDatabase(ours, theirs)) << ours.Text() << theirs.Text();
  EXPECT_THAT(ours.Text(), HasSubstr(database()));
}

TEST_F(DatabaseIdentityTest, OfAnotherDatabaseOfTheServerIsAnother) {
  EXPECT_FALSE(IsSameDatabase(Of(*Open()), Of(*OpenAs(server().SocketUrl("postgres")))));
}

// The same name, the same oid, even the same data: as when a server's disk is copied.
TEST(DatabaseIdentity, OfACopyIsAnotherAndOfAStandbyIsNot) {
  const DatabaseIdentity ours{.name = "shop", .oid = "16384", .server_start = "1", .system = "7"};
  DatabaseIdentity other = ours;
  other.server_start = "2";
  EXPECT_FALSE(IsSameDatabase(ours, other));
  other.in_recovery = true;
  EXPECT_TRUE(IsSameDatabase(ours, other));
  other.system = "8";
  EXPECT_FALSE(IsSameDatabase(ours, other));
}

}  // namespace
}  // namespace davit::database
