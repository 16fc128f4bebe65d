#include "controller/core/restoration/restoration_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "controller/core/plan/foresight.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restoration_text.h"
#include "controller/core/testing/restoration_maker.h"

namespace davit::core {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Web is rolled back; worker uses the same database and is not; other uses none.
class SchemaPlan : public testing::Test {
 protected:
  NewDeploymentArgs Args(v1::RollbackRequest::Schema schema) {
    state::v1::DatabaseHistory history = Migrated("d-a", v1::SCHEMA_UNSAFE);
    history.mutable_backup()->set_host("h1");
    history.mutable_backup()->set_path("/backups/main-1.dump");
    history.mutable_backup()->set_sha256("abc");
    history.mutable_declared()->add_rollback_command("migrate");
    history.mutable_declared()->add_rollback_command("{{previous:shop}}");
    NewDeploymentArgs args =
        TestArgs({.apps = {"other", "web", "worker"}, .previous = {{"web", 5}, {"worker", 5}}});
    v1::EnvironmentSpec& spec = *args.request.mutable_spec();
    for (const char* app : {"web", "worker"}) (*spec.mutable_apps())[app].set_database("main");
    v1::Database& database = (*spec.mutable_databases())["main"];
    database.mutable_url()->set_secret("URL");
    worker::v1::SecretUse url;
    url.set_name("URL");
    args.secrets = {url};
    args.request.add_apps("web");
    args.request.mutable_rollback()->set_schema(schema);
    state::v1::ReleaseRecord older = OlderWeb();
    older.mutable_app()->set_database("main");
    (*spec.mutable_apps())["web"] = AppAsItWas(spec, older);
    args.restored["web"] = older;
    args.history.at("web").live->mutable_view()->set_deployment_id("d-live");
    args.since = {history};
    return args;
  }
  // Once it is known what runs: `live`, and worker v5.
  static DeploymentState Surveyed(const NewDeploymentArgs& args, int64_t live = 5) {
    DeploymentState state = *NewDeployment(args, kNow);
    ModelHost host;
    host.containers["shop-web"] = OursOf("web", live);
    host.containers["shop-worker"] = OursOf("worker", 5);
    state.steps = SurveySteps(state);
    for (state::v1::StepRecord& step : state.steps) {
      *step.mutable_outputs() = host.Run(step.view().id(), step.spec()).outputs();
      step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
    }
    return state;
  }
  std::vector<state::v1::StepRecord> Plan(v1::RollbackRequest::Schema schema) {
    auto plan = MakePlan(Surveyed(Args(schema)));
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *plan : std::vector<state::v1::StepRecord>();
  }
  // Titles of what touches containers or databases, with their waves parted by "|".
  static std::vector<std::string> Titles(const std::vector<state::v1::StepRecord>& plan) {
    std::vector<std::string> titles;
    int wave = -1;
    for (const state::v1::StepRecord& step : plan) {
      if (step.view().phase() != v1::DATABASE && step.view().phase() != v1::RELEASE) continue;
      if (wave >= 0 && step.view().wave() != wave) titles.emplace_back("|");
      wave = step.view().wave();
      titles.push_back(step.view().title());
    }
    return titles;
  }
};

TEST_F(SchemaPlan, LeavesTheDatabaseAloneWhenItIsKept) {
  EXPECT_THAT(Titles(Plan(v1::RollbackRequest::KEEP)),
              ElementsAre("stop web v5", "start web v6", "check health of web v6",
                          "make web v6 the one that serves"));
}

TEST_F(SchemaPlan, RunsTheCommandInTheLiveReleaseBeforeAnythingIsStopped) {
  const auto plan = Plan(v1::RollbackRequest::COMMAND);
  EXPECT_THAT(Titles(plan), ElementsAre("take back the schema of database main", "|", "stop web v5",
                                        "start web v6", "check health of web v6",
                                        "make web v6 the one that serves"));
  for (const state::v1::StepRecord& step : plan) {
    if (step.view().phase() != v1::DATABASE) continue;
    const worker::v1::ContainerSpec& container = step.spec().run_one_off().container();
    EXPECT_THAT(container.command(), ElementsAre("migrate", "before d-a"));
    EXPECT_EQ(container.image(), "registry.test/web@sha256:old") << "that of the live release";
    EXPECT_EQ(step.spec().run_one_off().failure_code(), v1::MIGRATION_FAILED);
    EXPECT_EQ(step.view().takes_back(), "main");
  }
}

TEST_F(SchemaPlan, WaitsForAServerThatTakesChangesOnlyWhereTheCommandIsRun) {
  for (const auto schema : {v1::RollbackRequest::KEEP, v1::RollbackRequest::COMMAND}) {
    for (const state::v1::StepRecord& step : Plan(schema)) {
      if (!step.spec().has_wait_database()) continue;
      EXPECT_EQ(step.spec().wait_database().for_changes(), schema == v1::RollbackRequest::COMMAND);
    }
  }
}

TEST_F(SchemaPlan, LoadsFirstAndRestoresOnceAllThatUseTheDatabaseAreStoppedAndPutsTheOthersBack) {
  const auto plan = Plan(v1::RollbackRequest::RESTORE);
  EXPECT_THAT(
      Titles(plan),
      ElementsAre("load main-1.dump beside database main", "|", "stop worker v5", "stop web v5",
                  "|", "restore database main from main-1.dump", "|", "start web v6",
                  "check health of web v6", "make web v6 the one that serves", "|",
                  "put worker v5 back", "|", "check health of worker v5"));
  for (const state::v1::StepRecord& step : plan) {
    if (!step.spec().has_load_backup()) continue;
    EXPECT_EQ(step.spec().load_backup().directory(), "/backups");
    EXPECT_EQ(step.spec().load_backup().sha256(), "abc");
    EXPECT_EQ(step.spec().load_backup().database().url().name(), "URL");
  }
}

TEST_F(SchemaPlan, DoesNotGoBackUnaskedFromAReleaseThatIsNotOnRecord) {
  NewDeploymentArgs args = Args(v1::RollbackRequest::SCHEMA_UNSPECIFIED);
  args.since.clear();
  EXPECT_TRUE(MakePlan(Surveyed(args)).ok());
  const absl::Status status = MakePlan(Surveyed(args, 7)).status();
  ASSERT_TRUE(IsFailure(status, v1::SCHEMA_NOT_SAFE)) << status;
  EXPECT_THAT(FailureOf(status).evidence(),
              ElementsAre("h1: there is a container of web v7, of which this controller has no "
                          "record: what was migrated in main for it is not known"));
  args.request.mutable_rollback()->set_schema(v1::RollbackRequest::KEEP);
  EXPECT_TRUE(MakePlan(Surveyed(args, 7)).ok());
  EXPECT_THAT(PlanNotes(Surveyed(args, 7)), Contains(HasSubstr("a container of web v7, of which")));
  EXPECT_TRUE(MakePlan(Surveyed(Args(v1::RollbackRequest::RESTORE), 7)).ok())
      << "the backup of before takes its place";
  EXPECT_FALSE(MakePlan(Surveyed(Args(v1::RollbackRequest::COMMAND), 7)).ok());
}

TEST_F(SchemaPlan, WaitsForTheDatabaseAtTheUrlThatTheOlderReleaseHas) {
  NewDeploymentArgs args = Args(v1::RollbackRequest::KEEP);
  args.secrets[0].set_version(2);
  worker::v1::SecretUse& old =
      (*args.restored.at("web").mutable_container()->mutable_secret_env())["DATABASE_URL"];
  old.set_name("URL");
  old.set_version(1);
  const auto plan = MakePlan(Surveyed(args));
  ASSERT_TRUE(plan.ok()) << plan.status();
  int waits = 0;
  for (const state::v1::StepRecord& step : *plan) {
    if (!step.spec().has_wait_database()) continue;
    ++waits;
    EXPECT_EQ(step.spec().wait_database().database().url().version(), 1);
  }
  EXPECT_EQ(waits, 1);
}

TEST_F(SchemaPlan, SaysWhoStaysNewerThanTheSchemaWillBe) {
  for (const auto schema : {v1::RollbackRequest::COMMAND, v1::RollbackRequest::RESTORE}) {
    NewDeploymentArgs args = Args(schema);
    args.history.at("worker").live->mutable_view()->set_deployment_id("d-a");
    (*args.request.mutable_rollback()->mutable_releases())["web"] = 2;
    EXPECT_THAT(
        SchemaNotes(NewDeployment(args, kNow)->record),
        Contains(AllOf(HasSubstr("worker v5 stays, and is newer than the schema of main will be"),
                       HasSubstr("`davit rollback web worker -e dev --to web=2 --schema "))));
    args.history.at("worker").live->mutable_view()->set_deployment_id("d-0");
    EXPECT_THAT(SchemaNotes(NewDeployment(args, kNow)->record),
                Not(Contains(HasSubstr("worker v5"))))
        << "it was there before the change";
  }
}

TEST_F(SchemaPlan, StopsForARestoreAlsoWhatIsDeclaredNoMore) {
  NewDeploymentArgs args = Args(v1::RollbackRequest::RESTORE);
  args.request.mutable_spec()->mutable_apps()->erase("worker");
  args.history.at("worker").live->mutable_app()->set_database("main");
  EXPECT_TRUE(IsStoppedForRestore(NewDeployment(args, kNow)->record, "worker"));
  args.history.at("worker").live->mutable_app()->set_database("another");
  EXPECT_FALSE(IsStoppedForRestore(NewDeployment(args, kNow)->record, "worker"));
}

// The deployment with its plan, of which the steps up to the named one were carried out.
DeploymentState CarriedTo(DeploymentState state, std::vector<state::v1::StepRecord> plan,
                          const std::string& kind) {
  for (state::v1::StepRecord& step : plan) {
    step.mutable_view()->set_attempt(1);
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
    state.steps.push_back(step);
    if (step.view().kind() == kind) break;
  }
  return state;
}

TEST_F(SchemaPlan, SaysWhatStaysOfACommandThatWasBegun) {
  const DeploymentState state = *NewDeployment(Args(v1::RollbackRequest::COMMAND), kNow);
  const auto plan = Plan(v1::RollbackRequest::COMMAND);
  EXPECT_FALSE(SchemaTakenBack(CarriedTo(state, plan, "preflight")).has_value());
  const auto stays = SchemaTakenBack(CarriedTo(state, plan, "run_one_off"));
  ASSERT_TRUE(stays.has_value());
  EXPECT_EQ(stays->code(), v1::SCHEMA_NOT_SAFE);
  EXPECT_THAT(stays->evidence(),
              Contains(HasSubstr("rollback_command of database main has taken its schema back")));
}

}  // namespace
}  // namespace davit::core
