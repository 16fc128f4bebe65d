#include "controller/core/restoration/restoration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/plan/foresight.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restoration_plan.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restoration_text.h"
#include "controller/core/testing/restoration_maker.h"

namespace davit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

worker::v1::ContainerSpec RestoredWeb(const state::v1::ReleaseRecord& older) {
  const DeploymentState state = *NewDeployment(RollbackArgs(older), kNow);
  worker::v1::ResolvedImage image;
  image.set_digest(kOldDigest);
  return RestoredContainer(older, state.record.view().releases(0), image, /*check_only=*/false);
}

TEST(Restoration, MakesANewReleaseOfTheOldImage) {
  const DeploymentState state = *NewDeployment(RollbackArgs(), kNow);
  const v1::Deployment& view = state.record.view();
  EXPECT_EQ(view.operation(), v1::OPERATION_ROLLBACK);
  EXPECT_EQ(view.releases(0).number(), 6);
  EXPECT_EQ(view.releases(0).replaces(), 5);
  EXPECT_EQ(view.releases(0).image_reference(), "registry.test/web:older");
}

TEST(Restoration, KeepsAllOfTheContainerButWhatNamesTheRelease) {
  worker::v1::ContainerSpec container = RestoredWeb(OlderWeb());
  EXPECT_EQ(container.labels().at(kReleaseLabel), "6");
  EXPECT_EQ(container.labels().at(kDeploymentLabel), "d-1");
  EXPECT_EQ(container.files_directory(), "shop/dev/web/6");
  EXPECT_EQ(container.secret_env().at("TOKEN").version(), 3);
  worker::v1::ContainerSpec before = OlderWeb().container();
  for (worker::v1::ContainerSpec* spec : {&container, &before}) {
    spec->clear_labels();
    spec->clear_files_directory();
  }
  EXPECT_EQ(container.DebugString(), before.DebugString());
}

TEST(Restoration, LooksForTheImageByItsDigestOnTheHostFirst) {
  const DeploymentState state = *NewDeployment(RollbackArgs(), kNow);
  const state::v1::StepRecord find = SurveySteps(state).back();
  EXPECT_EQ(find.spec().resolve_image().reference(), kOldDigest);
  EXPECT_EQ(find.spec().resolve_image().pull_policy(), "missing");
  EXPECT_EQ(find.view().title(), "find image registry.test/web:older of web v2");
}

TEST(Restoration, LooksForAnImageInNoRegistryByItsIdOnTheHostAlone) {
  state::v1::ReleaseRecord older = OlderWeb();
  older.mutable_view()->clear_image_digest();
  older.mutable_view()->set_image_id("sha256:abc");
  EXPECT_EQ(ResolveRestored(older).image_id(), "sha256:abc");
  EXPECT_EQ(ResolveRestored(older).pull_policy(), "never");
}

TEST(Restoration, SaysWhichReleaseItIsAgain) {
  const DeploymentState state = *NewDeployment(RollbackArgs(), kNow);
  EXPECT_THAT(RestorationNotes(state.record),
              ElementsAre("web v6 is v2 again, registry.test/web:older, which became live at "
                          "1970-01-01 00:08 UTC"));
  EXPECT_THAT(RestorationNotes(MakeState({}, kNow).record), IsEmpty());
}

TEST(AppAsItWas, IsAsItWasDeclaredWithoutWhatWasDoneWhenItWasMade) {
  state::v1::ReleaseRecord older = OlderWeb();
  older.mutable_app()->set_retain(9);
  older.mutable_app()->add_checks();
  older.mutable_app()->add_tasks();
  older.mutable_app()->set_database("gone");
  const v1::App app = AppAsItWas(TestRequest({}).spec(), older);
  EXPECT_EQ(app.retain(), 9);
  EXPECT_EQ(app.healthcheck().tcp().port(), 9000);
  EXPECT_EQ(app.checks_size() + app.tasks_size(), 0);
  EXPECT_EQ(app.database(), "");
}

TEST(AppAsItWas, IsAsItIsDeclaredNowWhereThatWasNotRecorded) {
  const v1::App app = AppAsItWas(TestRequest({.retain = 4, .checks = {"a"}}).spec(), OlderWeb());
  EXPECT_EQ(app.retain(), 4);
  EXPECT_EQ(app.healthcheck().tcp().port(), 9000) << "that was recorded";
  EXPECT_EQ(app.checks_size(), 0);
}

}  // namespace
}  // namespace davit::core
