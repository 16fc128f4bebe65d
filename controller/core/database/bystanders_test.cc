#include "controller/core/database/bystanders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/names.h"
#include "controller/core/plan/planner.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A deployment of web alone, which migrates main; rep uses main, too, and runs.
class BystandersTest : public ::testing::Test {
 protected:
  BystandersTest() {
    args_.request.add_apps("web");
    host_.containers["shop-rep"] = OursOf("rep", 3);
    host_.containers["shop-docs"] = OursOf("docs", 2);
  }

  // Once the hosts were looked at, and the migration has ended with this meaning.
  DeploymentState After(v1::SchemaMeaning meaning) {
    DeploymentState state = *NewDeployment(args_, kNow);
    state.steps = SurveySteps(state);
    for (state::v1::StepRecord& step : state.steps) {
      *step.mutable_outputs() = host_.Run(step.view().id(), step.spec()).outputs();
    }
    state::v1::StepRecord& step = state.steps.emplace_back();
    step.mutable_spec()->mutable_migrate_database()->mutable_database()->set_name("main");
    step.mutable_view()->set_attempt(1);
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
    v1::Migration& migration = *step.mutable_outputs()->mutable_migration();
    migration.set_meaning(meaning);
    v1::SchemaChange& change = *migration.add_changes();
    change.set_sentence("column name was renamed");
    change.set_meaning(meaning);
    return state;
  }

  NewDeploymentArgs args_ = TestArgs({.apps = {"docs", "rep", "web"},
                                      .databases = {{"main", {"rep", "web"}}},
                                      .migrations = {{"main", {.app = "web"}}}});
  ModelHost host_;
};

TEST_F(BystandersTest, AreNamedInThePlan) {
  EXPECT_THAT(BystanderNotes(After(v1::SCHEMA_UNCHANGED)),
              ElementsAre("rep v3 uses database main and is not deployed: it stays on its code of "
                          "before, which has to bear what is migrated"));
}

TEST_F(BystandersTest, AreNamedAtTheEndWhereTheyMayNotRunOnWhatWasMigrated) {
  EXPECT_THAT(BystandersLeft(After(v1::SCHEMA_UNSAFE)),
              ElementsAre(AllOf(HasSubstr("rep v3 was not deployed"),
                                HasSubstr("not safe for it now (column name was renamed)"),
                                HasSubstr("`davit deploy rep -e dev`"))));
  EXPECT_THAT(BystandersLeft(After(v1::SCHEMA_SAFE)), IsEmpty());
}

TEST_F(BystandersTest, AreThoseOfOtherEnvironmentsToo) {
  args_.other_users = {OtherWeb("main", 4, "stage"), OtherWeb("main", 7, "prod", "blog")};
  EXPECT_THAT(BystanderNotes(After(v1::SCHEMA_UNCHANGED)),
              ElementsAre("rep v3, web v4 (environment stage), web v7 (project blog, environment "
                          "prod) use database main and are not deployed: they stay on their code "
                          "of before, which has to bear what is migrated"));
  EXPECT_THAT(
      BystandersLeft(After(v1::SCHEMA_UNSAFE)),
      ElementsAre(AllOf(HasSubstr("web v4 (environment stage)"),
                        HasSubstr("`davit deploy rep -e dev` and `davit deploy web -e "
                                  "stage` and `davit deploy web -e prod` (project blog)"))));
}

TEST_F(BystandersTest, AreNotWhatIsDeployedThoughItHadTheDatabaseByAnotherName) {
  args_.other_users = {OtherWeb("main", 4, kTestEnvironment)};
  EXPECT_THAT(BystanderNotes(After(v1::SCHEMA_UNCHANGED)), ElementsAre(HasSubstr("rep v3 uses")));
}

TEST_F(BystandersTest, AreNoneWhereAllAreDeployedOrNothingElseRuns) {
  args_.request.add_apps("rep");
  EXPECT_THAT(BystandersLeft(After(v1::SCHEMA_UNSAFE)), IsEmpty());
  args_.request.clear_apps();
  args_.request.add_apps("web");
  host_.containers["shop-rep"].running = false;
  EXPECT_THAT(BystanderNotes(After(v1::SCHEMA_UNSAFE)), IsEmpty());
  EXPECT_THAT(BystandersLeft(After(v1::SCHEMA_UNSAFE)), IsEmpty());
}

}  // namespace
}  // namespace davit::core
