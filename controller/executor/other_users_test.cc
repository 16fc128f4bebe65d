#include "controller/executor/other_users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/executor/database_place.h"
#include "controller/executor/executor_fixture.h"

namespace davit::executor {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kShopUrl[] = "postgres://shop:hunter2@db.example.com/shop";

DatabasePlace At(const std::string& url, const std::string& host = "a",
                 const std::set<std::string>& networks = {}) {
  return PlaceOf(url, host, networks);
}

TEST(DatabasePlace, IsTheSameWhoeverAsks) {
  EXPECT_TRUE(AreSame(At("postgres://ada:x@DB.example.com/shop"),
                      At("postgresql://bob@db.example.com:5432/shop?sslmode=require", "b")));
  EXPECT_FALSE(
      AreSame(At("postgres://db.example.com/shop"), At("postgres://db.example.com/other")));
  EXPECT_FALSE(
      AreSame(At("postgres://db.example.com/shop"), At("postgres://db.example.com:5433/shop")));
}

TEST(DatabasePlace, IsTheSameWhicheverFrameworkNamesIt) {
  for (const char* scheme : {"postgis", "psql", "postgresql+asyncpg", "jdbc:postgresql"}) {
    EXPECT_TRUE(AreSame(At("postgres://ada:x@db.example.com/shop"),
                        At(absl::StrCat(scheme, "://db.example.com/shop"))))
        << scheme;
  }
}

TEST(DatabasePlace, IsLookedUpWhereItsNameMeansSomething) {
  for (const char* server : {"localhost", "127.0.0.1", "host.docker.internal"}) {
    const std::string url = absl::StrCat("postgres://", server, "/shop");
    EXPECT_TRUE(AreSame(At(url), At(url))) << server;
    EXPECT_FALSE(AreSame(At(url, "a"), At(url, "b"))) << server;
  }
  const std::string container = "postgres://db/shop";
  EXPECT_TRUE(AreSame(At(container, "a", {"back"}), At(container, "a", {"back", "front"})));
  EXPECT_FALSE(AreSame(At(container, "a", {"back"}), At(container, "a", {"other"})));
  EXPECT_FALSE(AreSame(At(container, "a", {"back"}), At(container, "b", {"back"})));
}

TEST(DatabasePlace, IsComparedAsAWholeWhereItHasAnotherForm) {
  const std::string url = "postgres:///shop?host=db.example.com";
  EXPECT_TRUE(AreSame(At(url), At(url)));
  EXPECT_FALSE(AreSame(At(url), At("postgres:///shop?host=other.example.com")));
}

class OtherUsersTest : public ExecutorTest {
 protected:
  OtherUsersTest() { Secret("dev", kShopUrl); }

  void Secret(const std::string& environment, const std::string& url) {
    secrets_.Set(absl::StrCat("shop/", environment, "/DATABASE_URL@1"), url);
    state::v1::SecretRecord record;
    record.set_project("shop");
    record.set_environment(environment);
    record.set_name("DATABASE_URL");
    record.set_version(1);
    record.set_sealed("sealed");
    ASSERT_TRUE(store_.Update([&](store::Txn& txn) { return txn.PutSecret(record); }).ok());
  }

  static v1::CreateDeploymentRequest Request(const std::string& environment) {
    auto request = RequestFor(environment, absl::StrCat("request-", environment), {"a"});
    v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
    (*spec.mutable_databases())["main"].mutable_url()->set_secret("DATABASE_URL");
    spec.mutable_apps()->at("web").set_database("main");
    return request;
  }

  void Deploy(const std::string& environment) {
    const auto made = executor_->Create(Request(environment));
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_EQ(Await(made->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  }

  std::vector<std::string> NotesOfARestore() {
    auto request = Request("dev");
    request.mutable_deployment()->mutable_restore()->set_database("main");
    request.mutable_deployment()->mutable_restore()->set_file("main-1.dump");
    const auto plan = executor_->Plan(request.deployment(), absl::InfiniteFuture());
    EXPECT_TRUE(plan.ok()) << plan.status();
    if (!plan.ok()) return {};
    return {plan->notes().begin(), plan->notes().end()};
  }
};

TEST_F(OtherUsersTest, AreNamedInThePlanOfARestore) {
  Secret("stage", "postgres://other:secret@db.example.com:5432/shop");
  Deploy("stage");
  EXPECT_THAT(NotesOfARestore(),
              Contains(AllOf(HasSubstr("web v1 (environment stage) uses the same database as main: "
                                       "it is not stopped, its sessions are ended"),
                             Not(HasSubstr("example.com")), Not(HasSubstr("secret")))));
}

TEST_F(OtherUsersTest, AreNotThoseOfAnotherDatabaseOrOfTheEnvironmentItself) {
  Secret("stage", "postgres://shop:hunter2@db.example.com/stage");
  Deploy("stage");
  Deploy("dev");
  EXPECT_THAT(NotesOfARestore(), Not(Contains(HasSubstr("the same database"))));
}

}  // namespace
}  // namespace davit::executor
