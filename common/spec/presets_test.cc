// deploy/presets, as they are built in, and what they fill in.
#include "common/presets/presets.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"
#include "common/spec/rules.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The only app of a file, with `lines` besides image and preset.
v1::App WithPresetAnd(absl::string_view preset, absl::string_view lines) {
  const std::string text = WithApp(absl::StrCat("    image: a\n    preset: ", preset, "\n", lines));
  EXPECT_THAT(ProblemsOf(text), IsEmpty());
  const LoadResult result = Load(text);
  return result.ok() ? result.specs[0].apps().at("web") : v1::App();
}

TEST(Presets, AreThoseOfTheSchemaAndOfTheFiles) {
  const auto& field = *v1::App::descriptor()->FindFieldByName("preset");
  for (const std::string& name : RulesOf(field).one_of()) {
    std::stringstream file;
    file
        << std::ifstream(absl::StrCat(DAVIT_SOURCE_DIR, "/deploy/presets/", name, ".yaml")).rdbuf();
    EXPECT_NE(file.str(), "") << name;
    EXPECT_EQ(presets::PresetText(name), file.str()) << name;
  }
  EXPECT_EQ(presets::PresetText("spring"), "");
}

TEST(Presets, AreGoodPartsOfAnAppAndOfItsDatabase) {
  const auto& field = *v1::App::descriptor()->FindFieldByName("preset");
  for (const std::string& name : RulesOf(field).one_of()) {
    std::string lines;
    std::string migrate;
    std::stringstream text{std::string(presets::PresetText(name))};
    bool of_database = false;
    for (std::string line; std::getline(text, line);) {
      if (line.empty() || line == "{}" || line[0] == '#') continue;
      if (line[0] != ' ') of_database = line == "migrate:";
      absl::StrAppend(of_database ? &migrate : &lines, "    ", line, "\n");
    }
    if (!migrate.empty()) absl::StrAppend(&migrate, "      app: web\n");
    EXPECT_THAT(ProblemsOf(absl::StrCat(
                    "databases:\n  main:\n    url: {secret: URL}\n", migrate,
                    WithApp(absl::StrCat("    image: a\n    database: main\n", lines)))),
                IsEmpty())
        << name;
  }
}

TEST(Preset, FillsInWhatIsAbsent) {
  const v1::App django = WithPresetAnd("django", "");
  EXPECT_THAT(django.checks(0).command(), ElementsAre("python", "manage.py", "check", "--deploy"));
  EXPECT_EQ(django.checks(0).on_failure(), "warn");
  EXPECT_EQ(django.healthcheck().http().port(), 8000);
  EXPECT_EQ(django.healthcheck().http().path(), "/");
  EXPECT_EQ(django.healthcheck().attempts(), 20);
  const v1::App rails = WithPresetAnd("rails", "");
  EXPECT_EQ(rails.healthcheck().http().port(), 3000);
  EXPECT_EQ(rails.healthcheck().http().path(), "/up");
  EXPECT_EQ(rails.checks_size(), 1);
  ASSERT_EQ(django.tasks_size(), 1);
  EXPECT_EQ(django.tasks(0).name(), "collectstatic");
  EXPECT_EQ(django.tasks(0).on_failure(), "warn");
  EXPECT_TRUE(django.tasks(0).each_host());
  const v1::App none = WithPresetAnd("none", "");
  EXPECT_FALSE(none.has_healthcheck());
  EXPECT_THAT(none.checks(), IsEmpty());
}

TEST(Preset, LeavesWhatTheAppSays) {
  const v1::App app = WithPresetAnd("django",
                                    "    checks: [{name: mine, command: [x]}]\n"
                                    "    healthcheck: {http: {port: 9000}, attempts: 3}\n");
  ASSERT_EQ(app.checks_size(), 1);
  EXPECT_EQ(app.checks(0).name(), "mine");
  EXPECT_EQ(app.healthcheck().http().port(), 9000);
  EXPECT_EQ(app.healthcheck().http().status(), "200-499");
  EXPECT_EQ(app.healthcheck().attempts(), 3);
}

TEST(Preset, LeavesTheStatusOfAnotherPathToItsDefault) {
  const v1::App app = WithPresetAnd("django", "    healthcheck: {http: {path: /health}}\n");
  EXPECT_EQ(app.healthcheck().http().port(), 8000);
  EXPECT_EQ(app.healthcheck().http().status(), "200-399");
}

TEST(Preset, ProbesTheOnlyPublishedPort) {
  const auto port = [](absl::string_view ports) {
    const std::string container = absl::StrCat("    container: {ports: ", ports, "}\n");
    return WithPresetAnd("rails", container).healthcheck().http().port();
  };
  EXPECT_EQ(port("['80:81']"), 81);
  EXPECT_EQ(port("['127.0.0.1:80:82/tcp']"), 82);
  EXPECT_EQ(port("['1${NUMBER}:83']"), 83);
  EXPECT_EQ(port("['53:53/udp']"), 3000);
  EXPECT_EQ(port("['80:81', '443:444']"), 3000);
  EXPECT_EQ(port("[]"), 3000);
  EXPECT_EQ(WithPresetAnd("rails",
                          "    container: {ports: ['80:81']}\n"
                          "    healthcheck: {http: {port: 9000}}\n")
                .healthcheck()
                .http()
                .port(),
            9000);
  EXPECT_FALSE(WithPresetAnd("none", "    container: {ports: ['80:81']}\n").has_healthcheck());
}

TEST(Preset, IsTakenAwayByNull) {
  const v1::App app =
      WithPresetAnd("django", "    checks: null\n    tasks: null\n    healthcheck: null\n");
  EXPECT_THAT(app.checks(), IsEmpty());
  EXPECT_THAT(app.tasks(), IsEmpty());
  EXPECT_FALSE(app.has_healthcheck());
}

TEST(Preset, GivesWayToAnotherProbe) {
  const v1::App app = WithPresetAnd("rails", "    healthcheck: {tcp: {port: 1}}\n");
  EXPECT_FALSE(app.healthcheck().has_http());
  EXPECT_EQ(app.healthcheck().tcp().port(), 1);
}

TEST(Preset, ComesAfterTheEnvironment) {
  const LoadResult result = Load(
      "project: shop\napps: {web: {image: a, preset: django}}\n"
      "environments:\n"
      "  dev: {apps: {web: {healthcheck: {http: {port: 1}}}}}\n"
      "  prod: {apps: {web: {preset: none}}}\n");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.specs[0].apps().at("web").healthcheck().http().port(), 1);
  EXPECT_EQ(result.specs[0].apps().at("web").healthcheck().http().path(), "/");
  EXPECT_FALSE(result.specs[1].apps().at("web").has_healthcheck());
}

TEST(Preset, MustBeOneThatThereIs) {
  EXPECT_THAT(ProblemsOf(WithApp("    image: a\n    preset: djnago\n")),
              ElementsAre("6:13 `preset` must be `none`, `django` or `rails`; did you mean "
                          "`django`?"));
}

}  // namespace
}  // namespace davit::spec
