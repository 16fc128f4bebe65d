#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/commands/deploy/promotion.h"
#include "client/commands/testing/scripted_controller.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kDigest[] =
    "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

class PromoteTest : public ScriptedControllerTest {
 protected:
  v1::AppStatus& Serve(const std::string& app, const std::string& host, int64_t number) {
    v1::AppStatus& row = *controller_.status.add_apps();
    row.set_app(app);
    row.set_host(host);
    row.mutable_release()->set_app(app);
    row.mutable_release()->set_number(number);
    row.mutable_release()->set_image_reference("shop/" + app + ":1.4.0");
    row.mutable_release()->set_image_id("sha256:abc");
    row.mutable_release()->set_image_digest("shop/" + app + kDigest);
    return row;
  }
  int Promote(std::vector<std::string> more) {
    std::vector<std::string> words = {"promote", "--from", "dev", "--to", "staging", "--detach"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
};

TEST_F(PromoteTest, DeploysTheImageThatIsLiveByItsDigest) {
  Serve("web", "dev-1", 7);
  Serve("web", "dev-2", 7);
  EXPECT_EQ(Promote({"web"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "d-1\n");
  const v1::DeploymentRequest asked = controller_.asked();
  EXPECT_EQ(asked.spec().environment(), "staging");
  EXPECT_THAT(asked.apps(), ElementsAre("web"));
  EXPECT_EQ(asked.built().at("web").reference(), "shop/web:1.4.0");
  EXPECT_EQ(asked.built().at("web").image_id(), "sha256:abc");
  EXPECT_THAT(asked.built().at("web").digests(), ElementsAre(std::string("shop/web") + kDigest));
  EXPECT_THAT(asked.submitted_by(), HasSubstr("@"));
}

TEST_F(PromoteTest, SaysFirstInWhichSettingsTheEnvironmentsDiffer) {
  Serve("web", "dev-1", 7);
  v1::Secret& secret = *controller_.secrets.add_secrets();
  secret.set_name("TOKEN");
  secret.set_environment("staging");
  secret.set_version(3);
  EXPECT_EQ(Promote({"web"}), 0) << err_.str();
  EXPECT_EQ(err_.str(),
            "web: shop/web:1.4.0, live in dev, goes to staging\n"
            "  what differs, dev -> staging:\n"
            "    ~ env DEBUG: 1 -> 0\n"
            "    ~ secret TOKEN: not set -> staging's own, version 3\n");
  EXPECT_EQ(Promote({"web", "--quiet"}), 0);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(PromoteTest, TakesAllAppsOfTheEnvironmentWhenNoneIsNamed) {
  Serve("web", "dev-1", 7);
  Serve("api", "dev-1", 2);
  EXPECT_EQ(Promote({}), 0) << err_.str();
  EXPECT_THAT(controller_.asked().apps(), IsEmpty());
  EXPECT_EQ(controller_.asked().built_size(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("api: shop/api:1.4.0, live in dev, goes to staging\n"
                                    "  its settings are the same in both\n"));
}

TEST_F(PromoteTest, RefusesWhatIsNotLive) {
  Serve("web", "dev-1", 7);
  EXPECT_EQ(Promote({"api"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no release of api is live in dev (NOT_FOUND)"));
  EXPECT_THAT(err_.str(), HasSubstr("davit deploy api -e dev\n"));
}

TEST_F(PromoteTest, RefusesAReleaseThatIsNotTheSameOnAllHostsOrNotWell) {
  Serve("web", "dev-1", 7);
  v1::AppStatus& second = Serve("web", "dev-2", 6);
  EXPECT_EQ(Promote({"web"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("v7 on dev-1\n"));
  EXPECT_THAT(err_.str(), HasSubstr("v6 on dev-2\n"));
  second.mutable_release()->set_number(7);
  second.set_problem("the container is unhealthy");
  EXPECT_EQ(Promote({"web"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("v7 on dev-2: the container is unhealthy\n"));
}

TEST_F(PromoteTest, AsksForTwoEnvironmentsThatThereAre) {
  EXPECT_EQ(Run({"promote", "web", "--from", "dev"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--to is required"));
  EXPECT_EQ(Run({"promote", "web", "--from", "dev", "--to", "dev"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("the same environment"));
  EXPECT_EQ(Run({"promote", "web", "--from", "dve", "--to", "staging"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean `dev`?"));
  EXPECT_EQ(Run({"__complete", "promote", "--from", "d"}), 0);
  EXPECT_EQ(out_.str(), "dev\n");
}

v1::Release Unpushed() {
  v1::Release release;
  release.set_app("web");
  release.set_number(7);
  release.set_image_reference("shop/web:1.4.0");
  release.set_image_id("sha256:abc");
  return release;
}

v1::EnvironmentSpec On(const std::string& host, const std::string& image = "shop/web") {
  v1::EnvironmentSpec spec;
  spec.add_hosts(host);
  (*spec.mutable_apps())["web"].set_image(image);
  return spec;
}

TEST(PromotedImage, ThatIsInNoRegistryStaysOnItsHost) {
  const auto elsewhere = PromotedImage(Unpushed(), On("dev-1"), On("stage-1"));
  EXPECT_TRUE(IsFailure(elsewhere.status(), v1::IMAGE_NOT_FOUND)) << elsewhere.status();
  const auto here = PromotedImage(Unpushed(), On("local"), On("local"));
  ASSERT_TRUE(here.ok()) << here.status();
  EXPECT_EQ(here->image_id(), "sha256:abc");
  EXPECT_THAT(here->digests(), IsEmpty());
}

TEST(PromotedImage, ComesFromTheRepositoryThatTheEnvironmentNames) {
  v1::Release release = Unpushed();
  release.add_image_digests(std::string("mirror.example/shop/web") + kDigest);
  release.add_image_digests(std::string("shop/web") + kDigest);
  EXPECT_EQ(PromotedImage(release, On("a"), On("b"))->reference(), "shop/web:1.4.0");
  EXPECT_EQ(PromotedImage(release, On("a"), On("b", "mirror.example/shop/web"))->reference(),
            "mirror.example/shop/web:1.4.0");
  EXPECT_EQ(PromotedImage(release, On("a"), On("b", "other.example/web"))->reference(),
            "shop/web:1.4.0");
}

}  // namespace
}  // namespace davit::commands
