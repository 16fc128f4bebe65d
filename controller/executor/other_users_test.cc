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

// A first deployment of dev that migrates, and whose migration is not safe.
class OlderUsersElsewhereTest : public OtherUsersTest {
 protected:
  OlderUsersElsewhereTest() {
    workers_.MakeMigrations(v1::SCHEMA_UNSAFE);
    workers_.Fail("check_health", v1::HEALTH_REFUSED);
  }

  static v1::CreateDeploymentRequest Migrating() {
    auto request = Request("dev");
    v1::Database& database =
        request.mutable_deployment()->mutable_spec()->mutable_databases()->at("main");
    database.mutable_backup()->set_directory("/backups");
    database.mutable_migrate()->set_app("web");
    database.mutable_migrate()->add_command("migrate");
    return request;
  }

  // stage is live on a database at `url`.
  void DeployStage(const std::string& url) {
    Secret("stage", url);
    workers_.Fail("check_health", v1::FAILURE_CODE_UNSPECIFIED);
    Deploy("stage");
    workers_.Fail("check_health", v1::HEALTH_REFUSED);
  }

  std::string Create() {
    const auto made = executor_->Create(Migrating());
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }

  // It does not exist any more, for the records.
  void ForgetStage() {
    ASSERT_TRUE(store_
                    .Update([](store::Txn& txn) {
                      auto live = txn.LiveReleases("shop", "stage");
                      if (!live.ok()) return live.status();
                      for (state::v1::ReleaseRecord& release : *live) {
                        release.mutable_view()->set_live(false);
                        if (absl::Status put = txn.PutRelease(release); !put.ok()) return put;
                      }
                      return absl::OkStatus();
                    })
                    .ok());
  }
};

TEST_F(OlderUsersElsewhereTest, MakeAFailedFirstDeploymentNeedAttention) {
  DeployStage("postgres://other:secret@db.example.com:5432/shop");
  const std::string id = Create();
  EXPECT_EQ(Await(id, v1::NEEDS_ATTENTION), v1::NEEDS_ATTENTION);
  const v1::Failure failure = State(id).record.view().rollback_failure();
  EXPECT_EQ(failure.code(), v1::SCHEMA_NOT_SAFE);
  EXPECT_THAT(failure.message(), HasSubstr("web v1 (environment stage) may not be able to run"));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("main: web v1 (environment stage) uses")));
  EXPECT_THAT(State(id).record.ShortDebugString(), Not(HasSubstr("example.com")));
}

TEST_F(OlderUsersElsewhereTest, AreThoseOfWhenItWasMadeThoughTheControllerIsStartedAgain) {
  DeployStage(kShopUrl);
  workers_.Hold("start_container");
  const std::string id = Create();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  ForgetStage();
  Restart({"a", "b"});
  workers_.Release("start_container");
  EXPECT_EQ(Await(id, v1::NEEDS_ATTENTION), v1::NEEDS_ATTENTION);
  const state::v1::DeploymentRecord record = State(id).record;
  ASSERT_EQ(record.other_users_size(), 1);
  EXPECT_EQ(record.other_users(0).database(), "main");
  EXPECT_EQ(record.other_users(0).release().environment(), "stage");
}

TEST_F(OlderUsersElsewhereTest, AreNoneWhereTheyUseAnotherDatabase) {
  DeployStage("postgres://shop:hunter2@db.example.com/stage");
  EXPECT_EQ(Await(Create(), v1::ROLLED_BACK), v1::ROLLED_BACK);
}

TEST_F(OlderUsersElsewhereTest, AreNoneWhereTheyAreNotLiveAnyMore) {
  DeployStage(kShopUrl);
  ForgetStage();
  EXPECT_EQ(Await(Create(), v1::ROLLED_BACK), v1::ROLLED_BACK);
}

TEST_F(OlderUsersElsewhereTest, AreInThePlan) {
  DeployStage(kShopUrl);
  const auto plan = executor_->Plan(Migrating().deployment(), absl::InfiniteFuture());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->notes(), Contains(HasSubstr("web v1 (environment stage) uses database main")));
  EXPECT_THAT(plan->rollback(), Contains(HasSubstr("where web v1 (environment stage) may not")));
}

}  // namespace
}  // namespace davit::executor
