#include "controller/core/database/older_code.h"

#include <gtest/gtest.h>

#include "controller/core/plan/planner.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

// A deployment of web and api, of which web migrates main, that has looked at its hosts.
class OlderCodeUsers : public ::testing::Test {
 protected:
  bool Uses(const std::string& database = "main") {
    return OlderCodeOf(Surveyed(), database).IsAny();
  }

  std::string Name() {
    const DeploymentState state = Surveyed();
    return OlderCodeName(state.record, OlderCodeOf(state, "main"));
  }

  DeploymentState Surveyed() {
    DeploymentState state = *NewDeployment(args, kNow);
    state.steps = SurveySteps(state);
    for (state::v1::StepRecord& step : state.steps) {
      if (step.view().host() == "h2" && !second_is_seen) continue;
      ModelHost& host = step.view().host() == "h1" ? first : second;
      *step.mutable_outputs() = host.Run(step.view().id(), step.spec()).outputs();
    }
    return state;
  }

  NewDeploymentArgs args = TestArgs({.hosts = {"h1", "h2"},
                                     .apps = {"api", "docs", "web"},
                                     .databases = {{"main", {"api"}}, {"other", {}}},
                                     .migrations = {{"main", {.app = "web"}}}});
  ModelHost first, second;
  bool second_is_seen = true;
};

TEST_F(OlderCodeUsers, IsNoneWhereNothingWasLiveAndNothingStands) {
  EXPECT_FALSE(Uses());
  first.containers["shop-docs"] = OursOf("docs", 3);
  first.containers["postgres"] = {.id = "p", .running = true};
  args.history["docs"].live.emplace();
  EXPECT_FALSE(Uses()) << "docs uses another database, or none";
  second_is_seen = false;
  EXPECT_TRUE(Uses()) << "nobody knows what stands there";
}

TEST_F(OlderCodeUsers, IsALiveReleaseOfAnAppThatUsesOrMigratesIt) {
  for (const char* app : {"api", "web"}) {
    args.history.clear();
    args.history[app].live.emplace();
    EXPECT_TRUE(Uses()) << app;
    EXPECT_FALSE(Uses("other")) << app;
  }
  args.history.clear();
  args.history["gone"].live.emplace();
  EXPECT_FALSE(Uses());
  args.history["gone"].live->mutable_app()->set_database("main");
  EXPECT_TRUE(Uses()) << "davit.yaml has it no more";
}

TEST_F(OlderCodeUsers, IsAContainerThatStandsInTheAppsPlaceOnAnyHost) {
  second.containers["shop-api"] = {.id = "by-hand", .running = false};
  EXPECT_TRUE(Uses());
  second.containers.clear();
  second.containers["my-web"] = {.id = "by-hand", .running = true};
  EXPECT_FALSE(Uses());
  (*args.request.mutable_adopt())["web"] = "my-web";
  EXPECT_TRUE(Uses()) << "it is taken over";
}

TEST_F(OlderCodeUsers, IsALeftoverThatStillRuns) {
  first.containers["davit-d-0-09"] = OursOf("web", 3);
  EXPECT_TRUE(Uses());
  first.containers["davit-d-0-09"].running = false;
  EXPECT_FALSE(Uses());
}

TEST_F(OlderCodeUsers, AreOtherEnvironmentsThatAreLiveOnIt) {
  args.other_users = {OtherWeb("main", 4, "stage")};
  EXPECT_TRUE(Uses());
  EXPECT_FALSE(Uses("other"));
}

TEST_F(OlderCodeUsers, AreNamedWithWhereTheyAre) {
  args.other_users = {OtherWeb("main", 4, "stage"), OtherWeb("main", 1, "prod", "blog")};
  EXPECT_EQ(Name(), "web v4 (environment stage) and web v1 (project blog, environment prod)");
  args.history["web"].live.emplace();
  EXPECT_EQ(Name(),
            "the release of before, web v4 (environment stage) and web v1 (project blog, "
            "environment prod)");
  args.other_users.clear();
  EXPECT_EQ(Name(), "the release of before");
  args.history.clear();
  EXPECT_EQ(Name(), "");
}

TEST_F(OlderCodeUsers, AreCountedWhereTheyAreMany) {
  for (int64_t number = 1; number <= 9; ++number) {
    args.other_users.push_back(OtherWeb("main", number, "stage"));
  }
  EXPECT_EQ(Name(),
            "web v1 (environment stage), web v2 (environment stage), web v3 (environment stage) "
            "and 6 more");
}

}  // namespace
}  // namespace davit::core
