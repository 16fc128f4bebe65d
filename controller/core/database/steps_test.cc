#include "controller/core/database/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "controller/core/database/foresight.h"
#include "controller/core/plan/planner.h"
#include "controller/core/proto_time.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using worker::v1::StepSpec;

// The plan of a deployment on hosts where nothing runs.
absl::StatusOr<std::vector<StepRecord>> PlanOf(DeploymentState state) {
  ModelHost host;
  state.steps = SurveySteps(state);
  for (StepRecord& step : state.steps) {
    *step.mutable_outputs() = host.Run(step.view().id(), step.spec()).outputs();
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
  }
  return MakePlan(state);
}

std::vector<StepRecord> OfKind(const std::vector<StepRecord>& plan, StepSpec::KindCase kind) {
  std::vector<StepRecord> steps;
  for (const StepRecord& step : plan) {
    if (step.spec().kind_case() == kind) steps.push_back(step);
  }
  return steps;
}

// Two apps that share a database, which the second one migrates.
TestDeployment Shared() {
  return {.hosts = {"h1", "h2"},
          .apps = {"api", "web"},
          .networks = {"back"},
          .databases = {{"main", {"api", "web"}}},
          .migrations = {{"main", {.app = "web"}}}};
}

TEST(DatabaseSteps, AreTakenOnceOnTheFirstHostHoweverManyAppsShareIt) {
  const auto plan = PlanOf(MakeState(Shared(), kNow));
  ASSERT_TRUE(plan.ok()) << plan.status();
  for (const auto kind :
       {StepSpec::kWaitDatabase, StepSpec::kBackupDatabase, StepSpec::kMigrateDatabase}) {
    const std::vector<StepRecord> steps = OfKind(*plan, kind);
    ASSERT_THAT(steps, SizeIs(1)) << kind;
    EXPECT_EQ(steps[0].view().host(), "h1");
  }
}

TEST(DatabaseSteps, MigrateInTheContainerOfTheAppThatDoes) {
  NewDeploymentArgs args = TestArgs(Shared());
  v1::App& web = args.request.mutable_spec()->mutable_apps()->at("web");
  (*web.mutable_env()->mutable_clear())["MODE"] = "prod";
  web.mutable_container()->add_extra_hosts("db:10.0.0.1");
  web.mutable_container()->add_ports("8000:80");
  const auto plan = PlanOf(*NewDeployment(args, kNow));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const StepRecord step = OfKind(*plan, StepSpec::kMigrateDatabase).at(0);
  const worker::v1::MigrateDatabase& migrate = step.spec().migrate_database();
  EXPECT_EQ(step.view().app(), "web");
  EXPECT_EQ(migrate.host(), "h1");
  EXPECT_EQ(FromProto(migrate.lock_timeout()), absl::Seconds(10));
  EXPECT_EQ(FromProto(migrate.run().timeout()), absl::Minutes(15));
  EXPECT_EQ(migrate.run().failure_code(), v1::MIGRATION_FAILED);
  EXPECT_EQ(migrate.run().title(), "migrate database main");

  const worker::v1::ContainerSpec& container = migrate.run().container();
  EXPECT_THAT(container.command(), ElementsAre("migrate"));
  EXPECT_THAT(container.env(), UnorderedElementsAre(Pair("MODE", "prod")));
  EXPECT_THAT(container.ports(), IsEmpty()) << "nobody speaks to it";
  EXPECT_EQ(container.labels().at("davit.step"), step.view().id());

  const worker::v1::DatabaseAccess& access = migrate.database();
  EXPECT_EQ(access.name(), "main");
  EXPECT_EQ(access.url().name(), "URL_main");
  EXPECT_EQ(access.url().version(), 1);
  EXPECT_FALSE(access.has_admin_url());
  EXPECT_THAT(access.networks(), ElementsAre("back"));
  EXPECT_THAT(access.extra_hosts(), ElementsAre("db:10.0.0.1"));
}

TEST(DatabaseSteps, BackUpAsItIsDeclared) {
  const auto plan = PlanOf(MakeState(Shared(), kNow));
  const worker::v1::BackupDatabase backup =
      OfKind(*plan, StepSpec::kBackupDatabase).at(0).spec().backup_database();
  EXPECT_EQ(backup.directory(), "/backups");
  EXPECT_EQ(backup.keep(), 7);
  EXPECT_EQ(backup.host(), "h1");
  EXPECT_EQ(FromProto(backup.timeout()), absl::Minutes(30));
}

TEST(DatabaseSteps, WaitForAServerThatTakesChangesWhereTheDatabaseIsMigrated) {
  const auto waits = [](const TestDeployment& deployment) {
    const auto plan = PlanOf(MakeState(deployment, kNow));
    EXPECT_TRUE(plan.ok()) << plan.status();
    return OfKind(*plan, StepSpec::kWaitDatabase).at(0).spec().wait_database().for_changes();
  };
  TestDeployment deployment = Shared();
  EXPECT_TRUE(waits(deployment));
  deployment.check_only = true;
  EXPECT_TRUE(waits(deployment)) << "who only checks wants to know it, too";
  deployment.migrations = {};
  EXPECT_FALSE(waits(deployment)) << "an app may live with a replica";
}

TEST(DatabaseSteps, NeedTheVersionOfTheUrl) {
  NewDeploymentArgs args = TestArgs(Shared());
  args.secrets.clear();
  const absl::Status status = PlanOf(*NewDeployment(args, kNow)).status();
  EXPECT_EQ(FailureOf(status).code(), v1::SECRET_MISSING);
  EXPECT_THAT(FailureOf(status).evidence(0), HasSubstr("databases.main.url"));
}

TEST(DatabaseSteps, OfACheckWaitBrieflyAndDoNothingElse) {
  TestDeployment deployment = Shared();
  deployment.check_only = true;
  deployment.tasks = {{"web", {"seed"}}};
  const auto plan = PlanOf(MakeState(deployment, kNow));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(OfKind(*plan, StepSpec::kWaitDatabase).at(0).spec().wait_database().attempts(), 3);
  for (const StepRecord& step : *plan) EXPECT_EQ(step.view().phase(), v1::PREPARE);
}

TEST(DatabaseSteps, OfNobodysDatabaseAreNone) {
  TestDeployment deployment = Shared();
  deployment.databases = {{"main", {"api"}}};
  deployment.migrations = {};
  NewDeploymentArgs args = TestArgs(deployment);
  args.request.add_apps("web");
  const auto plan = PlanOf(*NewDeployment(args, kNow));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(OfKind(*plan, StepSpec::kWaitDatabase), IsEmpty());
}

TEST(TaskSteps, HaveTheirOwnVariablesBesidesThoseOfTheApp) {
  TestDeployment deployment = Shared();
  deployment.tasks = {{"web", {"superuser"}}};
  NewDeploymentArgs args = TestArgs(deployment);
  v1::App& web = args.request.mutable_spec()->mutable_apps()->at("web");
  (*web.mutable_env()->mutable_clear())["MODE"] = "prod";
  (*web.mutable_env()->mutable_clear())["NAME"] = "shop";
  v1::Task& task = *web.mutable_tasks(0);
  (*task.mutable_env()->mutable_clear())["USER"] = "ada";
  (*task.mutable_env()->mutable_secret())["NAME"] = "URL_main";
  task.add_succeed_on("already taken");
  const auto plan = PlanOf(*NewDeployment(args, kNow));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const StepRecord step = OfKind(*plan, StepSpec::kRunOneOff).at(0);
  const worker::v1::RunOneOff& run = step.spec().run_one_off();
  EXPECT_EQ(step.view().title(), "run task superuser of web v1");
  EXPECT_THAT(run.container().env(),
              UnorderedElementsAre(Pair("MODE", "prod"), Pair("USER", "ada")));
  EXPECT_EQ(run.container().secret_env().at("NAME").name(), "URL_main") << "goes before the app's";
  EXPECT_THAT(run.succeed_on(), ElementsAre("already taken"));
  EXPECT_EQ(run.failure_code(), v1::TASK_FAILED);
  for (const StepRecord& start : OfKind(*plan, StepSpec::kStartContainer)) {
    EXPECT_FALSE(start.spec().start_container().container().env().contains("USER"));
  }
}

TEST(TaskSteps, NameTheSecretThatIsMissing) {
  TestDeployment deployment = Shared();
  deployment.tasks = {{"web", {"superuser"}}};
  NewDeploymentArgs args = TestArgs(deployment);
  v1::Task& task = *args.request.mutable_spec()->mutable_apps()->at("web").mutable_tasks(0);
  (*task.mutable_env()->mutable_secret())["PASSWORD"] = "ADMIN_PASSWORD";
  const absl::Status status = PlanOf(*NewDeployment(args, kNow)).status();
  EXPECT_EQ(FailureOf(status).code(), v1::SECRET_MISSING);
  EXPECT_THAT(FailureOf(status).evidence(0), HasSubstr("apps.web.tasks.superuser.env.secret"));
}

TEST(DatabaseNotes, SayThatASharedDatabaseIsMigratedOnce) {
  EXPECT_THAT(DatabaseNotes(MakeState(Shared(), kNow).record),
              ElementsAre("database main is backed up to /backups on h1, then migrated once, in "
                          "the new image of web, for all that use it: api, web"));
}

}  // namespace
}  // namespace davit::core
