#include "controller/core/database/backups_needed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restoration_text.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using state::v1::DatabaseHistory;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What deployment `id` did to main, after a backup on `host`.
DatabaseHistory DoneBy(const std::string& id, v1::SchemaMeaning meaning,
                       const std::string& host = "h1") {
  DatabaseHistory history;
  history.set_database("main");
  history.set_deployment_id(id);
  history.mutable_migration()->set_meaning(meaning);
  history.mutable_backup()->set_host(host);
  history.mutable_backup()->set_path(absl::StrCat("/backups/", id, ".dump"));
  return history;
}

// Web v5 is live, and has migrated main; api uses it as well.
NewDeploymentArgs ArgsAfter(const std::vector<DatabaseHistory>& since) {
  NewDeploymentArgs args = TestArgs({.apps = {"api", "web"},
                                     .previous = {{"web", 5}},
                                     .databases = {{"main", {"api", "web"}}},
                                     .migrations = {{"main", {.app = "web"}}}});
  *args.history.at("web").live->mutable_database() = DoneBy("d-live", v1::SCHEMA_SAFE);
  args.since = since;
  return args;
}

std::set<std::string> NeededAfter(const std::vector<DatabaseHistory>& since) {
  return BackupsNeeded(NewDeployment(ArgsAfter(since), kNow)->record, "main", "h1");
}

TEST(BackupsNeeded, AreThoseOfTheLiveReleases) {
  EXPECT_THAT(NeededAfter({}), ElementsAre("/backups/d-live.dump"));
  NewDeploymentArgs args = ArgsAfter({});
  args.history["api"].live.emplace();
  *args.history["api"].live->mutable_database() = DoneBy("d-api", v1::SCHEMA_UNCHANGED);
  const auto record = NewDeployment(args, kNow)->record;
  EXPECT_THAT(BackupsNeeded(record, "main", "h1"),
              ElementsAre("/backups/d-api.dump", "/backups/d-live.dump"));
  EXPECT_THAT(BackupsNeeded(record, "main", "h2"), IsEmpty());
  EXPECT_THAT(BackupsNeeded(record, "other", "h1"), IsEmpty());
}

TEST(BackupsNeeded, AreThoseOfTheFirstChangeSinceAndOfTheLastThatIsNotSafe) {
  EXPECT_THAT(NeededAfter({DoneBy("d-a", v1::SCHEMA_UNCHANGED), DoneBy("d-b", v1::SCHEMA_SAFE),
                           DoneBy("d-c", v1::SCHEMA_UNSAFE), DoneBy("d-d", v1::SCHEMA_UNKNOWN),
                           DoneBy("d-e", v1::SCHEMA_SAFE)}),
              ElementsAre("/backups/d-b.dump", "/backups/d-d.dump", "/backups/d-live.dump"));
  EXPECT_THAT(NeededAfter({DoneBy("d-a", v1::SCHEMA_UNSAFE, "h2")}),
              ElementsAre("/backups/d-live.dump"))
      << "that is on another host";
}

TEST(BackupsNeeded, AreToldToTheStepThatMakesANewOne) {
  DeploymentState state = *NewDeployment(ArgsAfter({DoneBy("d-a", v1::SCHEMA_UNSAFE)}), kNow);
  ModelHost host;
  state.steps = SurveySteps(state);
  for (state::v1::StepRecord& step : state.steps) {
    *step.mutable_outputs() = host.Run(step.view().id(), step.spec()).outputs();
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
  }
  const auto plan = MakePlan(state);
  ASSERT_TRUE(plan.ok()) << plan.status();
  int backups = 0;
  for (const state::v1::StepRecord& step : *plan) {
    if (!step.spec().has_backup_database()) continue;
    ++backups;
    EXPECT_THAT(step.spec().backup_database().keep_paths(),
                ElementsAre("/backups/d-a.dump", "/backups/d-live.dump"));
  }
  EXPECT_EQ(backups, 1);
}

TEST(BackupsNeeded, OfADeploymentAreNoReasonToRefuseIt) {
  const auto state = NewDeployment(ArgsAfter({DoneBy("d-a", v1::SCHEMA_UNSAFE)}), kNow);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(SchemasSince(state->record), IsEmpty());
  EXPECT_THAT(SchemaNotes(state->record), IsEmpty());
}

}  // namespace
}  // namespace davit::core
