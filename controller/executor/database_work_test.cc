#include "controller/core/names.h"
#include "controller/executor/executor_fixture.h"

// Deployments that release nothing: backups and restores of databases.
namespace davit::executor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using worker::v1::RunStepRequest;

constexpr char kUrl[] = "postgres://shop:hunter2@db/shop";

// shop/dev, whose web uses the database `main`.
v1::CreateDeploymentRequest WorkRequest(const std::vector<std::string>& hosts) {
  v1::CreateDeploymentRequest request = RequestFor("dev", "request-1", hosts);
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  v1::Database& database = (*spec.mutable_databases())["main"];
  database.mutable_url()->set_secret("DATABASE_URL");
  database.mutable_backup()->set_directory("/backups");
  database.mutable_backup()->set_keep(7);
  spec.mutable_apps()->at("web").set_database("main");
  spec.mutable_apps()->at("web").mutable_container()->add_networks("shop-net");
  return request;
}

v1::CreateDeploymentRequest BackupOf(const std::vector<std::string>& hosts) {
  v1::CreateDeploymentRequest request = WorkRequest(hosts);
  request.mutable_deployment()->mutable_backup();
  return request;
}

v1::CreateDeploymentRequest RestoreOf(const std::vector<std::string>& hosts) {
  v1::CreateDeploymentRequest request = WorkRequest(hosts);
  request.mutable_deployment()->mutable_restore()->set_database("main");
  request.mutable_deployment()->mutable_restore()->set_file("main-1.dump");
  return request;
}

// The container of web v3 that serves.
worker::v1::ObservedContainer WebContainer() {
  worker::v1::ObservedContainer container;
  container.set_id("id-of-web");
  container.set_name("shop-web");
  container.set_state("running");
  container.set_restart_policy("unless-stopped");
  (*container.mutable_labels())[core::kProjectLabel] = "shop";
  (*container.mutable_labels())[core::kEnvironmentLabel] = "dev";
  (*container.mutable_labels())[core::kAppLabel] = "web";
  (*container.mutable_labels())[core::kReleaseLabel] = "3";
  return container;
}

class DatabaseWorkTest : public ExecutorTest {
 protected:
  DatabaseWorkTest() {
    PutSecret("DATABASE_URL", 1, kUrl);
    state::v1::ReleaseRecord live;
    live.mutable_view()->set_project("shop");
    live.mutable_view()->set_environment("dev");
    live.mutable_view()->set_app("web");
    live.mutable_view()->set_number(3);
    live.mutable_view()->set_live(true);
    live.mutable_container()->set_service_name("shop-web");
    live.mutable_container()->set_image("shop/web@sha256:3");
    (*live.mutable_container()->mutable_labels())[core::kReleaseLabel] = "3";
    live.mutable_healthcheck()->mutable_tcp()->set_port(8000);
    const absl::Status put = store_.Update([&](store::Txn& txn) { return txn.PutRelease(live); });
    EXPECT_TRUE(put.ok()) << put;
    worker::v1::HostObservation seen;
    *seen.add_containers() = WebContainer();
    workers_.Show(seen);
  }

  std::string Create(const v1::CreateDeploymentRequest& request) {
    const auto made = executor_->Create(request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }

  // "observe a", "stop_container b": what has succeeded, in the plan's order.
  std::vector<std::string> Done(const std::string& id) {
    std::vector<std::string> done;
    for (const state::v1::StepRecord& step : State(id).steps) {
      if (step.view().state() != v1::STEP_SUCCEEDED) continue;
      done.push_back(absl::StrCat(step.view().kind(), " ", step.view().host()));
    }
    return done;
  }
};

TEST_F(DatabaseWorkTest, BacksUpOnTheFirstHostAlone) {
  // Nobody knows the second one.
  const std::string id = Create(BackupOf({"a", "elsewhere"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_THAT(Done(id), ElementsAre("observe a", "wait_database a", "backup_database a"));
  const v1::Deployment view = State(id).record.view();
  EXPECT_EQ(view.operation(), v1::OPERATION_BACKUP);
  EXPECT_THAT(view.hosts(), ElementsAre("a"));
  EXPECT_THAT(view.releases(), IsEmpty());
  EXPECT_EQ(Lock("dev")->deployment_id(), "");
}

TEST_F(DatabaseWorkTest, GivesTheWorkerTheUrlAndWhereItsNamesAreLookedUp) {
  const std::string id = Create(BackupOf({"a"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  for (const char* kind : {"wait_database", "backup_database"}) {
    const std::vector<RunStepRequest> runs = workers_.Runs(kind);
    ASSERT_THAT(runs, SizeIs(1)) << kind;
    EXPECT_THAT(runs[0].secrets(), UnorderedElementsAre(Pair("dev/DATABASE_URL@1", kUrl)));
  }
  const auto backup = workers_.Runs("backup_database").at(0).spec().backup_database();
  EXPECT_THAT(backup.database().networks(), ElementsAre("shop-net"));
  EXPECT_EQ(backup.host(), "a");
  EXPECT_EQ(backup.directory(), "/backups");
}

TEST_F(DatabaseWorkTest, StopsTheAppsOnAllHostsUntilTheBackupIsInItsPlace) {
  const std::string id = Create(RestoreOf({"a", "b"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_THAT(Done(id),
              ElementsAre("observe a", "observe b", "wait_database a", "load_backup a",
                          "stop_container a", "stop_container b", "restore_database a",
                          "put_back a", "put_back b", "check_health a", "check_health b"));
  const RunStepRequest load = workers_.Runs("load_backup").at(0);
  EXPECT_EQ(load.spec().load_backup().file(), "main-1.dump");
  const auto restore = workers_.Runs("restore_database").at(0).spec().restore_database();
  EXPECT_EQ(restore.loading_step_id(), load.key().step_id());
  const auto check = workers_.Runs("check_health").at(0).spec().check_health();
  EXPECT_EQ(check.healthcheck().tcp().port(), 8000);
  const auto put_back = workers_.Runs("put_back").at(0).spec().put_back();
  EXPECT_EQ(put_back.record().image(), "shop/web@sha256:3");
}

TEST_F(DatabaseWorkTest, TellsTheWorkerWhichChecksumTheBackupHadWhenItWasMade) {
  const auto put_maker = [this](const std::string& id, const std::string& environment,
                                const std::string& path, const std::string& sha256) {
    state::v1::DeploymentRecord record;
    *record.mutable_request() = BackupOf({"a"}).deployment();
    record.mutable_view()->set_id(id);
    record.mutable_view()->set_project("shop");
    record.mutable_view()->set_environment(environment);
    record.mutable_view()->set_state(v1::SUCCEEDED);
    state::v1::StepRecord step;
    step.mutable_outputs()->mutable_backup()->set_path(path);
    step.mutable_outputs()->mutable_backup()->set_sha256(sha256);
    const absl::Status put = store_.Update([&](store::Txn& txn) {
      if (absl::Status status = txn.PutDeployment(record); !status.ok()) return status;
      return txn.PutStep(id, 0, step);
    });
    EXPECT_TRUE(put.ok()) << put;
  };
  put_maker("d-0", "dev", "/elsewhere/before/main-1.dump", "abc");
  put_maker("d-1", "dev", "/backups/other-main-1.dump", "def");
  put_maker("d-2", "staging", "/backups/main-1.dump", "fff");
  const std::string id = Create(RestoreOf({"a"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_EQ(workers_.Runs("load_backup").at(0).spec().load_backup().sha256(), "abc");
}

TEST_F(DatabaseWorkTest, RestoresABackupThatNoDeploymentKnows) {
  const std::string id = Create(RestoreOf({"a"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_EQ(workers_.Runs("load_backup").at(0).spec().load_backup().sha256(), "");
}

TEST_F(DatabaseWorkTest, StopsAnAppThatDavitYamlHasNoMoreAndThatUsesTheDatabase) {
  state::v1::ReleaseRecord live;
  live.mutable_view()->set_project("shop");
  live.mutable_view()->set_environment("dev");
  live.mutable_view()->set_app("cron");
  live.mutable_view()->set_number(5);
  live.mutable_view()->set_live(true);
  live.mutable_app()->set_database("main");
  ASSERT_TRUE(store_.Update([&](store::Txn& txn) { return txn.PutRelease(live); }).ok());
  worker::v1::HostObservation seen;
  *seen.add_containers() = WebContainer();
  worker::v1::ObservedContainer& cron = *seen.add_containers();
  cron = WebContainer();
  cron.set_id("id-of-cron");
  cron.set_name("shop-cron");
  (*cron.mutable_labels())[core::kAppLabel] = "cron";
  workers_.Show(seen);
  const std::string id = Create(RestoreOf({"a"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  const std::vector<RunStepRequest> stops = workers_.Runs("stop_container");
  ASSERT_THAT(stops, SizeIs(2));
  EXPECT_EQ(stops[0].spec().stop_container().container_id(), "id-of-cron");
  EXPECT_THAT(workers_.Runs("put_back"), SizeIs(2));
}

TEST_F(DatabaseWorkTest, StartsAgainWhatAnEarlierOneHasLeftStopped) {
  worker::v1::HostObservation seen;
  worker::v1::ObservedContainer& web = *seen.add_containers();
  web = WebContainer();
  web.set_state("exited");
  web.set_restart_policy("no");
  workers_.Show(seen);
  const std::string id = Create(RestoreOf({"a"}));
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  EXPECT_THAT(Done(id), ElementsAre("observe a", "wait_database a", "load_backup a",
                                    "restore_database a", "put_back a", "check_health a"));
  const auto put_back = workers_.Runs("put_back").at(0).spec().put_back();
  EXPECT_EQ(put_back.container_id(), "id-of-web");
  EXPECT_TRUE(put_back.was_running());
}

TEST_F(DatabaseWorkTest, StopsNothingWhenTheBackupCannotBeLoaded) {
  workers_.Fail("load_backup", v1::RESTORE_FAILED);
  const std::string id = Create(RestoreOf({"a", "b"}));
  EXPECT_EQ(Await(id, v1::FAILED), v1::FAILED);
  EXPECT_THAT(workers_.Runs("stop_container"), IsEmpty());
  const std::vector<RunStepRequest> drops = workers_.Runs("drop_loaded");
  ASSERT_THAT(drops, SizeIs(1));
  EXPECT_THAT(drops[0].secrets(), UnorderedElementsAre(Pair("dev/DATABASE_URL@1", kUrl)));
}

TEST_F(DatabaseWorkTest, PutsTheAppsBackWhenTheRestoreFails) {
  workers_.Fail("restore_database", v1::RESTORE_FAILED);
  const std::string id = Create(RestoreOf({"a", "b"}));
  EXPECT_EQ(Await(id, v1::ROLLED_BACK), v1::ROLLED_BACK);
  EXPECT_THAT(workers_.Runs("put_back"), SizeIs(2));
  EXPECT_THAT(workers_.Runs("check_health"), SizeIs(2));
  EXPECT_THAT(workers_.Runs("drop_loaded"), SizeIs(1));
  EXPECT_EQ(State(id).record.view().failure().code(), v1::RESTORE_FAILED);
}

TEST_F(DatabaseWorkTest, GoesOnWithARestoreWhenTheControllerIsStartedAgain) {
  workers_.Hold("load_backup");
  workers_.Hold("restore_database");
  const std::string id = Create(RestoreOf({"a"}));
  for (const char* half : {"load_backup", "restore_database"}) {
    ASSERT_TRUE(workers_.AwaitHeld(half));
    Restart({"a"});
    workers_.Release(half);
  }
  EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
}

TEST_F(DatabaseWorkTest, TellsWhatARestoreWouldStop) {
  const auto plan = executor_->Plan(RestoreOf({"a", "b"}).deployment(), absl::InfiniteFuture());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->notes(), testing::Contains("a, b: web v3 is down from when the backup is "
                                               "loaded until it is in place"));
  EXPECT_THAT(plan->rollback(), testing::Contains("a, b: put web v3 back"));
  EXPECT_THAT(plan->rollback(), testing::Contains("a: drop what was loaded beside database main"));
  EXPECT_THAT(workers_.Runs("stop_container"), IsEmpty());
}

TEST_F(DatabaseWorkTest, WantsNoPasswordOfARegistryThatNothingIsPulledFrom) {
  v1::CreateDeploymentRequest request = BackupOf({"a"});
  v1::Registry& registry =
      (*request.mutable_deployment()->mutable_spec()->mutable_registries())["hub"];
  registry.mutable_password()->set_secret("NEVER_SET");
  EXPECT_EQ(Await(Create(request), v1::SUCCEEDED), v1::SUCCEEDED);
}

}  // namespace
}  // namespace davit::executor
