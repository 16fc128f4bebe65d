#include "controller/core/machine/new_deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "controller/core/plan/planner.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::DeploymentRequest Apps(const std::map<std::string, std::vector<std::string>>& depends_on) {
  TestDeployment deployment{.apps = {}, .depends_on = depends_on};
  for (const auto& [app, needs] : depends_on) deployment.apps.push_back(app);
  return TestRequest(deployment);
}

// Of the first app, deployed by `image`.
absl::StatusOr<std::string> ReferenceFor(const std::string& in_spec, const std::string& given) {
  NewDeploymentArgs args = TestArgs({});
  (*args.request.mutable_spec()->mutable_apps())["web"].set_image(in_spec);
  if (!given.empty()) (*args.request.mutable_images())["web"] = given;
  const absl::StatusOr<DeploymentState> state = NewDeployment(args, kNow);
  if (!state.ok()) return state.status();
  return state->record.view().releases(0).image_reference();
}

std::string PullPolicyFor(const std::string& image, const std::string& wanted) {
  NewDeploymentArgs args = TestArgs({});
  v1::App& app = (*args.request.mutable_spec()->mutable_apps())["web"];
  app.set_image(image);
  app.set_pull_policy(wanted);
  const DeploymentState state = *NewDeployment(args, kNow);
  return SurveySteps(state).back().spec().resolve_image().pull_policy();
}

TEST(ReleaseOrder, PutsDependenciesFirstAndNamesInOrder) {
  EXPECT_THAT(*ReleaseOrder(Apps({{"web", {"api"}}, {"api", {"db"}}, {"db", {}}, {"a", {}}})),
              ElementsAre("a", "db", "api", "web"));
}

TEST(ReleaseOrder, KeepsTheOrderOfChosenAppsThatAnAbsentOneLinks) {
  v1::DeploymentRequest request = Apps({{"a", {"b"}}, {"b", {"c"}}, {"c", {}}});
  request.add_apps("a");
  request.add_apps("c");
  EXPECT_THAT(*ReleaseOrder(request), ElementsAre("c", "a"));
}

TEST(ReleaseOrder, NamesTheCircle) {
  const auto order = ReleaseOrder(Apps({{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}}));
  EXPECT_TRUE(IsFailure(order.status(), v1::SPEC_INVALID));
  EXPECT_THAT(order.status().message(), HasSubstr("b -> c -> b"));
}

TEST(ReleaseOrder, RefusesAppsThatDoNotExist) {
  v1::DeploymentRequest request = Apps({{"a", {}}});
  request.add_apps("z");
  EXPECT_TRUE(IsFailure(ReleaseOrder(request).status(), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(ReleaseOrder(Apps({{"a", {"z"}}})).status(), v1::SPEC_INVALID));
}

TEST(NewDeployment, TakesTheImageThatIsGivenAndMakesItLatestWithoutATag) {
  EXPECT_EQ(*ReferenceFor("nginx", ""), "nginx:latest");
  EXPECT_EQ(*ReferenceFor("nginx:1", ""), "nginx:1");
  EXPECT_EQ(*ReferenceFor("nginx:1", "localhost:5000/x/web"), "localhost:5000/x/web:latest");
  const std::string digest = "web@sha256:" + std::string(64, 'a');
  EXPECT_EQ(*ReferenceFor(digest, ""), digest);
}

TEST(NewDeployment, RefusesWhatIsNoImage) {
  EXPECT_TRUE(IsFailure(ReferenceFor("Nginx", "").status(), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(ReferenceFor("", "").status(), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(ReferenceFor("web", "web:a b").status(), v1::SPEC_INVALID));
}

TEST(NewDeployment, RefusesAnImageForAnAppThatIsNotDeployed) {
  NewDeploymentArgs args = TestArgs({.apps = {"web", "api"}});
  args.request.add_apps("web");
  (*args.request.mutable_images())["api"] = "api:2";
  EXPECT_TRUE(IsFailure(NewDeployment(args, kNow).status(), v1::SPEC_INVALID));
}

TEST(NewDeployment, RefusesHostsThatAreAbsentOrTwice) {
  EXPECT_TRUE(IsFailure(NewDeployment(TestArgs({.hosts = {}}), kNow).status(), v1::SPEC_INVALID));
  EXPECT_TRUE(
      IsFailure(NewDeployment(TestArgs({.hosts = {"a", "a"}}), kNow).status(), v1::SPEC_INVALID));
}

TEST(NewDeployment, NumbersReleasesAndRemembersTheOnesBefore) {
  const DeploymentState state = MakeState(
      {.apps = {"web", "api"}, .previous = {{"web", 4}}, .kept = {{"web", {4, 2}}}}, kNow);
  const v1::Deployment& view = state.record.view();
  EXPECT_EQ(view.state(), v1::PENDING);
  EXPECT_EQ(view.releases(0).app(), "api");
  EXPECT_EQ(view.releases(0).number(), 1);
  EXPECT_EQ(view.releases(0).replaces(), 0);
  EXPECT_EQ(view.releases(1).number(), 5);
  EXPECT_EQ(view.releases(1).replaces(), 4);
  EXPECT_EQ(state.record.previous().at("web").view().number(), 4);
  EXPECT_THAT(state.record.kept().at("web").numbers(), ElementsAre(4, 2));
  EXPECT_EQ(state.record.fence(), 7);
}

TEST(SurveySteps, AskTheRegistryWhenTheReferenceNamesOne) {
  EXPECT_EQ(PullPolicyFor("nginx:1", ""), "missing");
  EXPECT_EQ(PullPolicyFor("registry.test/web:1", ""), "always");
  EXPECT_EQ(PullPolicyFor("registry.test/web:1", "never"), "never");
}

TEST(NewDeployment, RefusesAnImageInNoRegistryForSeveralHosts) {
  const TestDeployment two = {.hosts = {"a", "b"}, .built = {{"web", false}}};
  const absl::Status status = NewDeployment(TestArgs(two), kNow).status();
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << status;
  const TestDeployment pushed = {.hosts = {"a", "b"}, .built = {{"web", true}}};
  EXPECT_TRUE(NewDeployment(TestArgs(pushed), kNow).ok());
}

TEST(NewDeployment, RefusesAContainerToAdoptForAnAppThatStays) {
  NewDeploymentArgs args = TestArgs({.apps = {"api", "web"}, .adopt = {{"web", "old"}}});
  args.request.add_apps("api");
  EXPECT_TRUE(IsFailure(NewDeployment(args, kNow).status(), v1::SPEC_INVALID));
}

}  // namespace
}  // namespace davit::core
