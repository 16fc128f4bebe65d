// Variables: clear, secret and required, merged and checked.
#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

v1::Env EnvOf(absl::string_view text, const std::string& environment, const std::string& app) {
  EXPECT_THAT(ProblemsOf(text, environment), IsEmpty());
  const LoadResult result = Load(text, environment);
  if (result.specs.empty() || !result.specs[0].apps().contains(app)) return {};
  return result.specs[0].apps().at(app).env();
}

// A project whose app `web` has `env`, and `worker` extends it with `of_worker`.
std::string Project(absl::string_view env, absl::string_view environments,
                    absl::string_view of_worker = "{}") {
  return absl::StrCat("project: shop\napps:\n  web: {image: a, env: ", env,
                      "}\n  worker: {extends: web, env: ", of_worker,
                      "}\nenvironments: ", environments, "\n");
}

TEST(Secrets, AreNamedInAListOrUnderAnotherName) {
  const std::string text = Project("{secret: [A, B]}", "{dev: {}}", "{secret: {C: OTHER}}");
  EXPECT_THAT(EnvOf(text, "dev", "web").secret(),
              UnorderedElementsAre(Pair("A", "A"), Pair("B", "B")));
  EXPECT_THAT(EnvOf(text, "dev", "worker").secret(),
              UnorderedElementsAre(Pair("A", "A"), Pair("B", "B"), Pair("C", "OTHER")));
}

TEST(Secrets, OfAListAreMergedByNameWithThoseOfAMapping) {
  const std::string text = Project("{secret: [A, B, C]}",
                                   "{dev: {apps: {web: {env: {secret: {A: DEV_A, B: null}}}}},\n"
                                   "  prod: {apps: {web: {env: {secret: [D]}}}}}");
  EXPECT_THAT(EnvOf(text, "dev", "web").secret(),
              UnorderedElementsAre(Pair("A", "DEV_A"), Pair("C", "C")));
  EXPECT_THAT(EnvOf(text, "prod", "web").secret(),
              UnorderedElementsAre(Pair("A", "A"), Pair("B", "B"), Pair("C", "C"), Pair("D", "D")));
}

TEST(Variables, BecomeWhatTheEnvironmentMakesOfThem) {
  const std::string text = Project("{clear: {A: a, B: b}, secret: [S, T]}",
                                   "{dev: {apps: {web: {env: {clear: {S: s}, secret: [A]}}}}}");
  const v1::Env env = EnvOf(text, "dev", "web");
  EXPECT_THAT(env.clear(), UnorderedElementsAre(Pair("B", "b"), Pair("S", "s")));
  EXPECT_THAT(env.secret(), UnorderedElementsAre(Pair("A", "A"), Pair("T", "T")));
}

TEST(Variables, BecomeWhatTheAppMakesOfThoseThatItExtends) {
  const std::string text =
      Project("{clear: {A: a}, secret: [S, T]}",
              "{dev: {apps: {web: {env: {secret: [U]}}, worker: {env: {clear: {U: u}}}}}}",
              "{clear: {S: s}, secret: [A]}");
  const v1::Env env = EnvOf(text, "dev", "worker");
  EXPECT_THAT(env.clear(), UnorderedElementsAre(Pair("S", "s"), Pair("U", "u")));
  EXPECT_THAT(env.secret(), UnorderedElementsAre(Pair("A", "A"), Pair("T", "T")));
}

TEST(Variables, ThatANullTakesAwayOfTheOneKindStayInTheOther) {
  const std::string text =
      Project("{secret: [S]}", "{dev: {apps: {web: {env: {clear: {S: null}}}}}}");
  EXPECT_THAT(EnvOf(text, "dev", "web").secret(), UnorderedElementsAre(Pair("S", "S")));
}

TEST(Variables, CannotBeClearAndSecretAtOnce) {
  EXPECT_THAT(ProblemsOf(Project("{clear: {A: a}, secret: [B, A]}", "{dev: {}}")),
              ElementsAre("3:52 the variable `A` is in `clear` and in `secret`"));
  EXPECT_THAT(ProblemsOf(Project("{secret: [A]}",
                                 "{dev: {apps: {web: {env: {clear: {A: a}, secret: {A: B}}}}}}")),
              ElementsAre("5:65 the variable `A` is in `clear` and in `secret`"));
}

TEST(Variables, ThatAreRequiredAreAllNamedWithTheEnvironmentThatLacksThem) {
  EXPECT_THAT(
      ProblemsOf("project: shop\napps: {web: {image: a, env: {required: [A, B, C]}}}\n"
                 "environments:\n"
                 "  dev: {apps: {web: {env: {clear: {A: a}, secret: [C]}}}}\n"
                 "  prod: {apps: {web: {env: {clear: {A: a, B: '', C: c}}}}}\n"
                 "  test: {}\n"),
      ElementsAre("2:41 `A` is required by `web` and missing in the environment `test`: neither "
                  "`env.clear` nor `env.secret` has it",
                  "2:44 `B` is required by `web` and missing in the environment `dev`: neither "
                  "`env.clear` nor `env.secret` has it",
                  "2:44 `B` is required by `web` and missing in the environment `test`: neither "
                  "`env.clear` nor `env.secret` has it",
                  "2:47 `C` is required by `web` and missing in the environment `test`: neither "
                  "`env.clear` nor `env.secret` has it"));
}

TEST(Variables, AreNotRequiredOfAnAppThatLivesNowhere) {
  EXPECT_THAT(ProblemsOf("project: shop\n"
                         "apps: {web: {image: a}, old: {image: a, env: {required: [A]}}}\n"
                         "environments: {dev: {apps: {old: null}}}\n"),
              IsEmpty());
}

TEST(Variables, ThatAFileCannotCarryAreRefusedWhereTheyStand) {
  const std::string text = WithApp(
      "    image: a\n"
      "    env: {clear: {GOOD: \"a b\", BAD: \"a\\nb\"}, secret: [S]}\n"
      "    env_mounts: [{target: /a, format: docker}, {target: /b, format: json}]\n");
  const std::vector<std::string> problems = ProblemsOf(text);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0],
              ::testing::StartsWith("6:37 `env_mounts` writes the env as a file: the format docker "
                                    "cannot carry BAD: "));
}

}  // namespace
}  // namespace davit::spec
