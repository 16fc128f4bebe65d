#include "controller/executor/database_past.h"

#include "absl/strings/str_cat.h"
#include "controller/executor/executor_fixture.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Of shop/dev, whose web migrates the database `main`; worker uses it too.
class DatabasePastTest : public ExecutorTest {
 protected:
  DatabasePastTest() { PutSecret("DATABASE_URL", 1, "postgres://shop@db/shop"); }

  // A release whose deployment has backed main up to /backups/ID.dump, then migrated it.
  void PutRelease(const std::string& app, int64_t number, const std::string& id, bool live,
                  v1::SchemaMeaning meaning) {
    state::v1::ReleaseRecord release;
    v1::Release& view = *release.mutable_view();
    view.set_project("shop");
    view.set_environment("dev");
    view.set_app(app);
    view.set_number(number);
    view.set_deployment_id(id);
    view.set_live(live);
    if (live) release.mutable_live_time();
    (*release.mutable_container()->mutable_secret_env())["TOKEN"].set_name("TOKEN");
    release.mutable_app()->set_database("main");
    state::v1::DatabaseHistory& history = *release.mutable_database();
    history.set_database("main");
    history.set_deployment_id(id);
    history.mutable_backup()->set_host("a");
    history.mutable_backup()->set_path(absl::StrCat("/backups/", id, ".dump"));
    history.mutable_declared()->set_app(app);
    if (meaning != v1::SCHEMA_MEANING_UNSPECIFIED) {
      history.mutable_migration()->set_meaning(meaning);
      history.mutable_migration()->add_changes()->set_sentence("Table t was dropped");
    }
    const absl::Status put =
        store_.Update([&](store::Txn& txn) { return txn.PutRelease(release); });
    ASSERT_TRUE(put.ok()) << put;
  }

  v1::CreateDeploymentRequest Request() {
    v1::CreateDeploymentRequest request = MigratingRequest();
    v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
    (*spec.mutable_apps())["worker"] = spec.apps().at("web");
    return request;
  }
  v1::CreateDeploymentRequest RequestOfWeb() {
    v1::CreateDeploymentRequest request = Request();
    request.mutable_deployment()->add_apps("web");
    return request;
  }

  // What the last backup was told to keep.
  std::vector<std::string> Kept() {
    const worker::v1::BackupDatabase backup =
        workers_.Runs("backup_database").back().spec().backup_database();
    return {backup.keep_paths().begin(), backup.keep_paths().end()};
  }
};

TEST_F(DatabasePastTest, HasTheBackupsThatAWayBackNeedsHoweverManyDeploymentsFail) {
  PutRelease("worker", 1, "d-a", /*live=*/true, v1::SCHEMA_MEANING_UNSPECIFIED);
  PutRelease("web", 1, "d-b", /*live=*/false, v1::SCHEMA_UNSAFE);
  PutRelease("web", 2, "d-c", /*live=*/true, v1::SCHEMA_UNSAFE);
  PutRelease("web", 3, "d-d", /*live=*/false, v1::SCHEMA_UNCHANGED);
  PutRelease("web", 4, "d-e", /*live=*/false, v1::SCHEMA_SAFE);
  PutRelease("web", 5, "d-f", /*live=*/false, v1::SCHEMA_UNSAFE);
  PutRelease("web", 6, "d-g", /*live=*/false, v1::SCHEMA_SAFE);
  const core::DeploymentState state = State(Finish(RequestOfWeb()));
  EXPECT_THAT(Kept(), ElementsAre("/backups/d-a.dump", "/backups/d-c.dump", "/backups/d-e.dump",
                                  "/backups/d-f.dump"));
  EXPECT_EQ(state.record.previous().at("worker").view().number(), 1)
      << "it is live on the database, though it is not released";
  EXPECT_FALSE(state.record.previous().at("worker").has_container()) << "its secrets stay away";
  EXPECT_TRUE(state.record.previous().at("web").has_container());
  ASSERT_THAT(state.record.since(), SizeIs(3));
  EXPECT_THAT(state.record.since(0).migration().changes(), IsEmpty()) << "nobody reads those";
}

TEST_F(DatabasePastTest, OfADatabaseWithoutAnyLiveReleaseIsAllOfIt) {
  PutRelease("web", 1, "d-a", /*live=*/false, v1::SCHEMA_UNKNOWN);
  PutRelease("web", 2, "d-b", /*live=*/false, v1::SCHEMA_UNCHANGED);
  Finish(RequestOfWeb());
  EXPECT_THAT(Kept(), ElementsAre("/backups/d-a.dump"));
}

TEST_F(DatabasePastTest, IsKnownToABackupByHand) {
  PutRelease("web", 1, "d-a", /*live=*/true, v1::SCHEMA_UNSAFE);
  PutRelease("web", 2, "d-b", /*live=*/false, v1::SCHEMA_UNSAFE);
  v1::CreateDeploymentRequest request = Request();
  request.mutable_deployment()->mutable_backup();
  Finish(request);
  EXPECT_THAT(Kept(), ElementsAre("/backups/d-a.dump", "/backups/d-b.dump"));
}

TEST_F(DatabasePastTest, IsWithoutABackupThatSomebodyHasPutInPlace) {
  PutRelease("web", 1, "d-a", /*live=*/true, v1::SCHEMA_UNSAFE);
  PutRelease("web", 2, "d-b", /*live=*/false, v1::SCHEMA_UNSAFE);
  state::v1::DeploymentRecord restore;
  restore.set_request_id("restore");
  restore.mutable_view()->set_id("d-c");
  restore.mutable_view()->set_project("shop");
  restore.mutable_view()->set_environment("dev");
  restore.mutable_view()->set_state(v1::SUCCEEDED);
  restore.mutable_request()->mutable_restore()->set_database("main");
  restore.mutable_request()->mutable_restore()->set_file("by-hand.dump");
  state::v1::StepRecord step;
  step.mutable_view()->set_attempt(1);
  step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
  step.mutable_spec()->mutable_restore_database()->mutable_database()->set_name("main");
  const absl::Status put = store_.Update([&](store::Txn& txn) {
    absl::Status status = txn.PutDeployment(restore);
    return status.ok() ? txn.PutStep("d-c", 0, step) : status;
  });
  ASSERT_TRUE(put.ok()) << put;
  const core::DeploymentState state = State(Finish(RequestOfWeb()));
  ASSERT_THAT(state.record.since(), SizeIs(1));
  EXPECT_EQ(state.record.since(0).deployment_id(), "d-b");
}

TEST_F(DatabasePastTest, IsNotAskedForWhereNoDatabaseIsTouched) {
  PutRelease("worker", 1, "d-a", /*live=*/true, v1::SCHEMA_UNSAFE);
  const core::DeploymentState state = State(Finish(RequestFor("dev", "request-1")));
  EXPECT_THAT(state.record.previous(), IsEmpty());
  EXPECT_THAT(state.record.since(), IsEmpty());
}

}  // namespace
}  // namespace davit::executor
