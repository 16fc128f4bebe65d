#include "controller/executor/restoration_since.h"

#include "controller/executor/executor_fixture.h"
#include "controller/executor/restoration.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Schema = v1::RollbackRequest;

// What a rollback or a restore by hand was and how it ended.
struct Taking {
  std::string id;
  Schema::Schema schema = Schema::RESTORE;
  std::map<std::string, std::vector<std::string>> since;  // what it took back, by database
  v1::StepState how = v1::STEP_SUCCEEDED;
  v1::DeploymentState ended = v1::SUCCEEDED;
};

// Records of releases, of what their deployments did to databases, and of rollbacks.
class SinceTest : public testing::Test {
 protected:
  SinceTest() {
    Declare("main", "MAIN_URL");
    for (const char* app : {"web", "worker"}) {
      (*spec_.mutable_apps())[app].set_database("main");
    }
  }

  void Declare(const std::string& database, const std::string& secret) {
    (*spec_.mutable_databases())[database].mutable_url()->set_secret(secret);
  }
  void Put(const std::string& app, int64_t number, const std::string& id, bool migrated = true,
           const std::string& database = "main") {
    state::v1::ReleaseRecord release;
    release.mutable_view()->set_project("shop");
    release.mutable_view()->set_environment("dev");
    release.mutable_view()->set_app(app);
    release.mutable_view()->set_number(number);
    release.mutable_view()->set_deployment_id(id);
    release.mutable_live_time();
    release.mutable_container()->set_image("sha256:" + id);
    release.mutable_app()->set_database(database);
    state::v1::DatabaseHistory& history = *release.mutable_database();
    history.set_database(database);
    history.set_deployment_id(id);
    history.mutable_declared()->set_app(app);
    if (migrated) {
      history.mutable_migration()->set_meaning(v1::SCHEMA_SAFE);
      history.mutable_backup()->set_path("/backups/" + id + ".dump");
    }
    ASSERT_TRUE(store_.Update([&](store::Txn& txn) { return txn.PutRelease(release); }).ok());
  }
  // The deployment that has made these releases.
  void PutDeployment(const std::string& id, const std::vector<std::string>& apps) {
    state::v1::DeploymentRecord record = RecordOf(id, v1::SUCCEEDED);
    for (const std::string& app : apps) record.mutable_view()->add_releases()->set_app(app);
    *record.mutable_request()->mutable_spec() = spec_;
    PutRecord(record, {});
  }
  void PutRollback(const Taking& taking) {
    state::v1::DeploymentRecord record = RecordOf(taking.id, taking.ended);
    *record.mutable_request()->mutable_spec() = spec_;
    record.mutable_request()->mutable_rollback()->set_schema(taking.schema);
    std::vector<state::v1::StepRecord> steps;
    for (const auto& [database, ids] : taking.since) {
      for (const std::string& id : ids) {
        state::v1::DatabaseHistory& history = *record.add_since();
        history.set_database(database);
        history.set_deployment_id(id);
        history.mutable_migration()->set_meaning(v1::SCHEMA_SAFE);
      }
      state::v1::StepRecord step = BegunStep(taking.how);
      if (taking.schema == Schema::COMMAND) {
        step.mutable_spec()->mutable_run_one_off();
        step.mutable_view()->set_takes_back(database);
      } else {
        step.mutable_spec()->mutable_restore_database()->mutable_database()->set_name(database);
      }
      steps.push_back(step);
    }
    PutRecord(record, steps);
  }
  void PutRestore(const std::string& id, const std::string& file, v1::StepState how) {
    state::v1::DeploymentRecord record = RecordOf(id, v1::NEEDS_ATTENTION);
    record.mutable_request()->mutable_restore()->set_database("main");
    record.mutable_request()->mutable_restore()->set_file(file);
    state::v1::StepRecord step = BegunStep(how);
    step.mutable_spec()->mutable_restore_database()->mutable_database()->set_name("main");
    PutRecord(record, {step});
  }

  std::vector<state::v1::DatabaseHistory> Histories(int64_t number,
                                                    const std::string& app = "web") {
    v1::DeploymentRequest request;
    *request.mutable_spec() = spec_;
    request.mutable_spec()->set_project("shop");
    request.mutable_spec()->set_environment("dev");
    (*request.mutable_rollback()->mutable_releases())[app] = number;
    std::vector<state::v1::DatabaseHistory> since;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      auto restoration = ReadRestoration(txn, request);
      if (!restoration.ok()) return restoration.status();
      since = std::move(restoration->since);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return since;
  }
  // The deployments since release `number` of web.
  std::vector<std::string> Since(int64_t number, const std::string& app = "web") {
    std::vector<std::string> ids;
    for (const auto& history : Histories(number, app)) ids.push_back(history.deployment_id());
    return ids;
  }
  // What is not known of what they did.
  std::vector<std::string> Gaps(int64_t number) {
    std::vector<std::string> gaps;
    for (const auto& history : Histories(number)) {
      for (const std::string& gap : history.migration().gaps()) gaps.push_back(gap);
    }
    return gaps;
  }
  v1::SchemaMeaning LastMeaning(int64_t number) {
    return Histories(number).back().migration().meaning();
  }

  v1::EnvironmentSpec spec_;
  TestStore store_;

 private:
  static state::v1::DeploymentRecord RecordOf(const std::string& id, v1::DeploymentState ended) {
    state::v1::DeploymentRecord record;
    record.mutable_view()->set_id(id);
    record.mutable_view()->set_project("shop");
    record.mutable_view()->set_environment("dev");
    record.mutable_view()->set_state(ended);
    record.set_request_id(id);
    return record;
  }
  static state::v1::StepRecord BegunStep(v1::StepState how) {
    state::v1::StepRecord step;
    step.mutable_view()->set_attempt(how == v1::STEP_PENDING ? 0 : 1);
    step.mutable_view()->set_state(how);
    return step;
  }
  void PutRecord(const state::v1::DeploymentRecord& record,
                 const std::vector<state::v1::StepRecord>& steps) {
    const absl::Status put = store_.Update([&](store::Txn& txn) {
      absl::Status status = txn.PutDeployment(record);
      for (size_t i = 0; i < steps.size() && status.ok(); ++i) {
        status = txn.PutStep(record.view().id(), static_cast<int>(i), steps[i]);
      }
      return status;
    });
    ASSERT_TRUE(put.ok()) << put;
  }
};

TEST_F(SinceTest, HasEveryLaterDeploymentOldestFirst) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  Put("web", 3, "d-c");
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-c"));
  EXPECT_THAT(Since(2), ElementsAre("d-c"));
}

TEST_F(SinceTest, HasWhatOtherAppsOfTheDatabaseBroughtOnceADeployment) {
  Put("web", 1, "d-a");
  Put("worker", 1, "d-b");
  Put("worker", 2, "d-c");
  Put("web", 2, "d-c");
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-c"));
}

TEST_F(SinceTest, HasWhatAnAppHasMigratedThatIsGoneFromDavitYaml) {
  Put("web", 1, "d-a");
  Put("migrator", 1, "d-b");
  PutDeployment("d-b", {"migrator"});
  EXPECT_THAT(Since(1), ElementsAre("d-b"));
}

TEST_F(SinceTest, KnowsADatabaseThatWasRenamedByItsSecret) {
  Put("web", 1, "d-a");
  PutDeployment("d-a", {"web"});
  Put("web", 2, "d-b");
  PutDeployment("d-b", {"web"});
  Put("web", 3, "d-c", /*migrated=*/true, "primary");
  spec_.clear_databases();
  Declare("primary", "MAIN_URL");
  Declare("other", "OTHER_URL");
  PutDeployment("d-c", {"web"});
  const auto histories = Histories(1);
  ASSERT_EQ(histories.size(), 2u);
  EXPECT_EQ(histories[0].deployment_id(), "d-b");
  EXPECT_EQ(histories[0].database(), "primary");
  EXPECT_EQ(histories[1].deployment_id(), "d-c");
}

TEST_F(SinceTest, LeavesOutWhatARollbackTookBack) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  PutRollback({.id = "d-c", .since = {{"main", {"d-b"}}}});
  Put("web", 3, "d-c", /*migrated=*/false);
  Put("web", 4, "d-d");
  EXPECT_THAT(Since(1), ElementsAre("d-c", "d-d"));
  PutRollback({.id = "d-c", .schema = Schema::KEEP, .since = {{"main", {"d-b"}}}});
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-c", "d-d"));
}

TEST_F(SinceTest, HasARollbackThatTookBackWhatTheReleaseItselfMigrated) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  Put("web", 3, "d-d", /*migrated=*/false);
  PutRollback({.id = "d-d", .since = {{"main", {"d-b"}}}});
  Put("web", 4, "d-e");
  EXPECT_THAT(Since(1), ElementsAre("d-d", "d-e")) << "it is as it was for this one";
  EXPECT_THAT(Since(2), ElementsAre("d-d", "d-e"));
  EXPECT_THAT(Gaps(1), IsEmpty());
  EXPECT_THAT(Gaps(2), ElementsAre(HasSubstr("taken back what the migration of d-b did")));
}

TEST_F(SinceTest, CountsWhatARollbackTookBackThoughItsReleaseFailedThen) {
  for (const auto schema : {Schema::COMMAND, Schema::RESTORE}) {
    Put("web", 1, "d-a");
    Put("web", 2, "d-b");
    PutRollback({.id = "d-c",
                 .schema = schema,
                 .since = {{"main", {"d-b"}}},
                 .ended = v1::NEEDS_ATTENTION});
    EXPECT_THAT(Since(1), ElementsAre("d-c"));
    EXPECT_EQ(LastMeaning(1), v1::SCHEMA_UNCHANGED);
    EXPECT_THAT(Gaps(1), ElementsAre(HasSubstr("has taken it back already")));
    EXPECT_EQ(LastMeaning(2), v1::SCHEMA_UNKNOWN);
    EXPECT_THAT(Gaps(2), ElementsAre(HasSubstr("which this release may need")));
  }
}

TEST_F(SinceTest, DoesNotKnowWhatACommandHasDoneThatDidNotSucceed) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  PutRollback({.id = "d-c",
               .schema = Schema::COMMAND,
               .since = {{"main", {"d-b"}}},
               .how = v1::STEP_FAILED,
               .ended = v1::NEEDS_ATTENTION});
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-c"));
  EXPECT_EQ(LastMeaning(1), v1::SCHEMA_UNKNOWN);
  EXPECT_EQ(LastMeaning(2), v1::SCHEMA_UNKNOWN);
  // Once more, and it succeeds.
  PutRollback({.id = "d-d", .schema = Schema::COMMAND, .since = {{"main", {"d-b", "d-c"}}}});
  EXPECT_THAT(Since(1), IsEmpty());
  EXPECT_THAT(Since(2), ElementsAre("d-d"));
}

TEST_F(SinceTest, CountsNothingOfARollbackThatDidNotComeToTheDatabase) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  const Taking unbegun = {
      .id = "d-c", .since = {{"main", {"d-b"}}}, .how = v1::STEP_PENDING, .ended = v1::FAILED};
  PutRollback(unbegun);
  EXPECT_THAT(Since(1), ElementsAre("d-b"));
  Taking failed = unbegun;
  failed.how = v1::STEP_FAILED;
  PutRollback(failed);
  EXPECT_THAT(Since(1), ElementsAre("d-b")) << "a swap that fails leaves everything";
  failed.how = v1::STEP_UNKNOWN_OUTCOME;
  PutRollback(failed);
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-c"));
}

TEST_F(SinceTest, IsOfEachDatabaseByItself) {
  Declare("extra", "EXTRA_URL");
  (*spec_.mutable_apps())["api"].set_database("extra");
  Put("web", 1, "d-a");
  Put("api", 1, "d-b", /*migrated=*/true, "extra");
  Put("api", 2, "d-c", /*migrated=*/true, "extra");
  Put("web", 2, "d-d");
  Put("api", 3, "d-e", /*migrated=*/true, "extra");
  // Web went back to v1, api to v2 only: what d-c did was not taken back.
  PutRollback(
      {.id = "d-f", .schema = Schema::COMMAND, .since = {{"main", {"d-d"}}, {"extra", {"d-e"}}}});
  EXPECT_THAT(Since(1, "api"), ElementsAre("d-c"));
  EXPECT_THAT(Since(1), IsEmpty());
}

TEST_F(SinceTest, HasARestoreByHandAsSomethingUnknown) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  PutRestore("d-c", "main-1.dump", v1::STEP_SUCCEEDED);
  PutRestore("d-d", "main-1.dump", v1::STEP_FAILED);
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-c"));
  EXPECT_EQ(LastMeaning(1), v1::SCHEMA_UNKNOWN);
  EXPECT_THAT(Gaps(1), ElementsAre(HasSubstr("the backup main-1.dump was put")));
}

TEST_F(SinceTest, KnowsWhichSchemaABackupHasThatWasMadeBeforeAMigration) {
  Put("web", 1, "d-a");
  Put("web", 2, "d-b");
  Put("web", 3, "d-c");
  PutRestore("d-d", "d-c.dump", v1::STEP_SUCCEEDED);
  EXPECT_THAT(Since(1), ElementsAre("d-b", "d-d"));
  EXPECT_EQ(LastMeaning(1), v1::SCHEMA_UNCHANGED);
  EXPECT_THAT(Gaps(1), ElementsAre(HasSubstr("the backup of before d-c was put in its place")));
  EXPECT_EQ(LastMeaning(3), v1::SCHEMA_UNKNOWN) << "it lacks what it has migrated itself";
}

}  // namespace
}  // namespace davit::executor
