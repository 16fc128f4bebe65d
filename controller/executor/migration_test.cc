#include "controller/executor/executor_fixture.h"

// Deployments that migrate a database before they release.
namespace davit::executor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr char kMigratedUrl[] = "postgres://shop:hunter2@db/shop";

v1::CreateDeploymentRequest RequestWithASeed() {
  v1::CreateDeploymentRequest request = MigratingRequest();
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  v1::Task& task = *spec.mutable_apps()->at("web").add_tasks();
  task.set_name("seed");
  task.add_command("seed");
  return request;
}

class MigrationTest : public ExecutorTest {
 protected:
  MigrationTest() { PutSecret("DATABASE_URL", 1, kMigratedUrl); }

  std::string Create() {
    const auto made = executor_->Create(RequestWithASeed());
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }

  // The newest one of web.
  state::v1::ReleaseRecord Release() {
    state::v1::ReleaseRecord newest;
    const absl::Status read = store_.View([&](store::ReadTxn& txn) {
      auto releases = txn.ListReleases("shop", "dev", "web", 1);
      if (releases.ok() && !releases->empty()) newest = releases->front();
      return releases.status();
    });
    EXPECT_TRUE(read.ok()) << read;
    return newest;
  }
};

TEST_F(MigrationTest, IsBegunOnceThoughTheControllerIsStartedAgain) {
  workers_.Hold("migrate_database");
  const std::string id = Create();
  ASSERT_TRUE(workers_.AwaitHeld("migrate_database"));
  Restart({"a", "b"});
  workers_.Release("migrate_database");
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
  EXPECT_THAT(workers_.Runs("migrate_database"), SizeIs(2)) << "it was attached to";
}

TEST_F(MigrationTest, GetsTheUrlAndShowsWhatItMade) {
  const std::string id = Create();
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  for (const char* kind : {"wait_database", "backup_database", "migrate_database"}) {
    EXPECT_THAT(workers_.Runs(kind).at(0).secrets(),
                UnorderedElementsAre(Pair("dev/DATABASE_URL@1", kMigratedUrl)))
        << kind;
  }
  const v1::Backup backup = Steps(id, "backup_database").at(0).backup();
  EXPECT_EQ(backup.path(), "/backups/1.dump");
  EXPECT_EQ(backup.database(), "main");
  EXPECT_EQ(backup.host(), "a");
  EXPECT_EQ(backup.deployment_id(), id);
  const v1::Migration migration = Steps(id, "migrate_database").at(0).migration();
  EXPECT_EQ(migration.database(), "main");
  EXPECT_EQ(migration.meaning(), v1::SCHEMA_SAFE);
}

TEST_F(MigrationTest, IsRememberedWithTheReleaseAlsoWhenThatFails) {
  workers_.Fail("check_health", v1::HEALTH_REFUSED);
  const std::string id = Create();
  EXPECT_EQ(Await(id, v1::ROLLED_BACK), v1::ROLLED_BACK);
  const state::v1::ReleaseRecord release = Release();
  EXPECT_FALSE(release.view().live());
  EXPECT_EQ(release.app().tasks(0).name(), "seed");
  EXPECT_EQ(release.database().deployment_id(), id);
  EXPECT_EQ(release.database().migration().meaning(), v1::SCHEMA_SAFE);
  EXPECT_EQ(release.database().backup().path(), "/backups/1.dump");
  EXPECT_EQ(release.database().declared().app(), "web");
}

TEST_F(MigrationTest, IsNotBegunWithoutABackup) {
  workers_.Fail("backup_database", v1::BACKUP_FAILED);
  EXPECT_EQ(Await(Create(), v1::FAILED), v1::FAILED);
  EXPECT_THAT(workers_.Runs("migrate_database"), IsEmpty());
  EXPECT_FALSE(Release().database().has_migration());
}

TEST_F(MigrationTest, IsInThePlan) {
  const auto plan = executor_->Plan(RequestWithASeed().deployment(), absl::InfiniteFuture());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->notes(), Contains(HasSubstr("then migrated once, in the new image of web")));
  EXPECT_THAT(plan->rollback(), Contains(HasSubstr("database main stays migrated")));
}

}  // namespace
}  // namespace davit::executor
