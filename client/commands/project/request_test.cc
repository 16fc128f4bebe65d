#include "client/commands/project/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/failure/failure.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::EnvironmentSpec Environment() {
  v1::EnvironmentSpec spec;
  spec.set_environment("dev");
  spec.add_hosts("dev-1");
  (*spec.mutable_apps())["web"].set_image("registry:5000/shop/web:old");
  (*spec.mutable_apps())["api"].set_image("shop/api");
  return spec;
}

TEST(DeploymentRequest, GivesTheTagToEveryAppThatIsReleased) {
  const auto request = MakeDeploymentRequest(Environment(), {.tag = "v2"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->images().at("web"), "registry:5000/shop/web:v2");
  EXPECT_EQ(request->images().at("api"), "shop/api:v2");
  EXPECT_THAT(request->apps(), IsEmpty());
}

TEST(DeploymentRequest, PrefersAnImageToATag) {
  const auto request =
      MakeDeploymentRequest(Environment(), {.tag = "v2", .images = {"api=other/api:v9"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->images().at("api"), "other/api:v9");
  EXPECT_EQ(request->images().at("web"), "registry:5000/shop/web:v2");
}

TEST(DeploymentRequest, TakesAnImageWithoutAppWhenThereIsOnlyOne) {
  const auto request =
      MakeDeploymentRequest(Environment(), {.apps = {"web"}, .images = {"other/web:v9"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->images().at("web"), "other/web:v9");
}

TEST(DeploymentRequest, RefusesWhatCannotBeMeant) {
  const auto refused = [](const ReleaseOptions& options) {
    return MakeDeploymentRequest(Environment(), options).status();
  };
  EXPECT_TRUE(IsFailure(refused({.apps = {"wbe"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"other/web:v9"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"web=Not//an::image"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"wbe=shop/web"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.apps = {"web"}, .images = {"api=shop/api"}}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.tag = "no tag"}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.tag = "a@b"}), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(refused({.images = {"web=a:1", "web=b:1"}}), v1::SPEC_INVALID));
}

TEST(DeploymentRequest, RefusesATagThatNoAppIsLeftFor) {
  const auto request =
      MakeDeploymentRequest(Environment(), {.apps = {"web"}, .tag = "v2", .images = {"web=a:1"}});
  EXPECT_TRUE(IsFailure(request.status(), v1::SPEC_INVALID));
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("--tag v2 is for no app"));
}

TEST(DeploymentRequest, InLocalModeGoesToThisMachine) {
  v1::EnvironmentSpec spec = Environment();
  EXPECT_TRUE(PutOnThisMachine(spec));
  EXPECT_EQ(spec.hosts(0), "local");
  EXPECT_FALSE(PutOnThisMachine(spec)) << "nothing changed the second time";
}

}  // namespace
}  // namespace davit::commands
