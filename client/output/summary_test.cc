#include "client/output/summary.h"

#include <gtest/gtest.h>

#include "client/output/event_maker.h"

namespace davit::output {
namespace {

v1::Deployment Ended(v1::DeploymentState state) {
  EventMaker maker;
  maker.Pass(absl::Milliseconds(3100));
  maker.Deployment(state);
  return maker.deployment();
}

void AddUndone(v1::Deployment& deployment, const std::string& kind, const std::string& app) {
  v1::Step* step = deployment.add_steps();
  step->set_phase(v1::ROLLBACK);
  step->set_state(v1::STEP_SUCCEEDED);
  step->set_kind(kind);
  step->set_app(app);
  step->set_attempt(1);
}

TEST(FinalLine, SaysWhereAReleaseIsLiveAndHowLongItTook) {
  EXPECT_EQ(FinalLine(Ended(v1::SUCCEEDED)), "web v3 is live on 1 host after 3.1s");
}

TEST(FinalLine, SaysWhichReleaseServesAgain) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  AddUndone(deployment, "put_back", "web");
  AddUndone(deployment, "check_health", "web");
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed and was rolled back to v2 (checked healthy) after 3.1s");
}

TEST(FinalLine, SaysCheckedOnlyWhenItWas) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  AddUndone(deployment, "put_back", "web");
  EXPECT_EQ(FinalLine(deployment), "web v3 failed and was rolled back to v2 after 3.1s");
}

TEST(FinalLine, SaysThatAFirstReleaseWasRemoved) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  deployment.mutable_releases(0)->clear_replaces();
  AddUndone(deployment, "remove_container", "web");
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed and was removed again after 3.1s; nothing was live before");
}

// As it is when a container was started for `app`.
void AddStarted(v1::Deployment& deployment, const std::string& app) {
  v1::Step* step = deployment.add_steps();
  step->set_phase(v1::RELEASE);
  step->set_state(v1::STEP_SUCCEEDED);
  step->set_kind("start_container");
  step->set_app(app);
  step->set_attempt(1);
}

TEST(FinalLine, SaysThatWhatWasLiveDidNotRun) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  AddStarted(deployment, "web");
  AddUndone(deployment, "remove_container", "web");
  AddUndone(deployment, "put_back", "web");  // stopped, as it was
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed and was removed again after 3.1s; v2 was not running before, and is "
            "not now");
  deployment.set_state(v1::CANCELLED);
  EXPECT_EQ(FinalLine(deployment),
            "web v3 was cancelled and removed again; v2 was not running before, and is not now");
}

TEST(FinalLine, TellsTheAppThatRunsAgainFromTheOneThatDidNotRun) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  v1::Release* second = deployment.add_releases();
  second->set_app("api");
  second->set_number(9);
  second->set_replaces(8);
  AddStarted(deployment, "web");
  AddStarted(deployment, "api");
  AddUndone(deployment, "check_health", "web");
  EXPECT_EQ(FinalLine(deployment),
            "web v3, api v9 failed and were rolled back to web v2 (checked healthy) after 3.1s; "
            "api v8 was not running before, and is not now");
}

TEST(FinalLine, KnowsOfAContainerThatNoReleaseMade) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  deployment.mutable_releases(0)->clear_replaces();
  AddUndone(deployment, "put_back", "web");
  AddUndone(deployment, "check_health", "web");
  EXPECT_EQ(FinalLine(deployment),
            "web v3 failed and was rolled back to what ran before (checked healthy) after 3.1s");
}

TEST(FinalLine, NamesEveryApp) {
  v1::Deployment deployment = Ended(v1::ROLLED_BACK);
  v1::Release* second = deployment.add_releases();
  second->set_app("api");
  second->set_number(9);
  second->set_replaces(8);
  AddUndone(deployment, "check_health", "web");
  AddUndone(deployment, "check_health", "api");
  EXPECT_EQ(FinalLine(deployment),
            "web v3, api v9 failed and were rolled back to web v2, api v8 (checked healthy) "
            "after 3.1s");
}

TEST(FinalLine, SaysWhatACancellationHasUndone) {
  v1::Deployment deployment = Ended(v1::CANCELLED);
  AddUndone(deployment, "check_health", "web");
  EXPECT_EQ(FinalLine(deployment), "web v3 was cancelled and rolled back to v2 (checked healthy)");
}

TEST(FinalLine, SaysThatNothingWasChanged) {
  EXPECT_EQ(FinalLine(Ended(v1::FAILED)), "web v3 failed after 3.1s; nothing was changed");
  EXPECT_EQ(FinalLine(Ended(v1::CANCELLED)), "web v3 was cancelled; nothing was changed");
}

TEST(FinalLine, SaysThatAHumanIsNeeded) {
  EXPECT_EQ(FinalLine(Ended(v1::NEEDS_ATTENTION)), "web v3 needs attention: a human must look");
  v1::Deployment two = Ended(v1::NEEDS_ATTENTION);
  two.add_releases()->set_app("api");
  EXPECT_EQ(FinalLine(two), "web v3, api v0 need attention: a human must look");
}

TEST(ReleaseName, HasTheTagOfTheImageWhereThereIsOne) {
  v1::Release release;
  release.set_app("web");
  release.set_number(2);
  EXPECT_EQ(ReleaseName(release), "web v2");
  release.set_image_reference("registry:5000/shop/web");
  EXPECT_EQ(ReleaseName(release), "web v2");
  release.set_image_reference("registry:5000/shop/web:1.4.0");
  EXPECT_EQ(ReleaseName(release), "web v2 (tag 1.4.0)");
  release.set_image_reference("shop/web:" + std::string(40, 'a'));
  EXPECT_EQ(ReleaseName(release), "web v2 (" + std::string(40, 'a') + ")");
  release.set_image_reference("shop/web@sha256:" + std::string(64, 'a'));
  EXPECT_EQ(ReleaseName(release), "web v2");
}

TEST(StateWord, IsReadable) {
  EXPECT_EQ(StateWord(v1::ROLLED_BACK), "rolled back");
  EXPECT_EQ(StateWord(v1::STEP_SUCCEEDED), "succeeded");
  EXPECT_EQ(StateWord(v1::STEP_STARTED), "running");
}

}  // namespace
}  // namespace davit::output
