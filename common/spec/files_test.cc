// env_mounts, files, checks and builds of an app.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What is wrong with an app that is good but for the lines given, which begin in line 6.
std::vector<std::string> ProblemsWith(absl::string_view lines) {
  return ProblemsOf(WithApp(absl::StrCat("    image: a\n", lines)));
}

v1::App AppWith(absl::string_view lines) {
  const LoadResult result = Load(WithApp(absl::StrCat("    image: a\n", lines)));
  EXPECT_TRUE(result.ok());
  return result.ok() ? result.specs[0].apps().at("web") : v1::App();
}

TEST(Files, HaveOwnersAndModesOfTheirKind) {
  const v1::App app = AppWith(
      "    env_mounts: [{target: /app/.env}]\n"
      "    files: [{target: /b, content: text}]\n");
  EXPECT_EQ(app.env_mounts(0).format(), "dotenv");
  EXPECT_EQ(app.env_mounts(0).owner(), "auto");
  EXPECT_EQ(app.env_mounts(0).mode(), "0400");
  EXPECT_EQ(app.files(0).owner(), "auto");
  EXPECT_EQ(app.files(0).mode(), "0444");
}

TEST(Files, LieWhereAFileCan) {
  for (const auto& [target, problem] : std::vector<std::pair<std::string, std::string>>{
           {"b", "must be an absolute path"},
           {"./b", "must be an absolute path"},
           {"/", "must not be the root directory"},
           {"/a/../b", "must not contain '..'"},
           {"/a:b", "must not contain ':'"},
           {"/a//b", "must be written as `/a/b`"},
           {"/a/./b", "must be written as `/a/b`"},
           {"/a/b/", "must be written as `/a/b`"},
           {"/proc/sys/x", "must not lie in /proc, where nothing can be mounted"},
           {"/" + std::string(5000, 'a'), "is longer than 4095 bytes"}}) {
    const std::string entry = absl::StrCat("[{target: '", target, "', content: x}]\n");
    EXPECT_THAT(ProblemsWith("    files: " + entry),
                ElementsAre(absl::StrCat("6:22 `target` ", problem)))
        << target;
  }
  EXPECT_THAT(ProblemsWith("    env_mounts: [{target: .env}]\n"),
              ElementsAre("6:27 `target` must be an absolute path"));
}

TEST(Files, LieBesideEachOther) {
  EXPECT_THAT(ProblemsWith("    env_mounts: [{target: /a}, {target: /a, format: json}]\n"
                           "    files:\n"
                           "      - {target: /a, content: x}\n"
                           "      - {target: /a/b/c, content: x}\n"),
              ElementsAre("6:41 two files at `/a`", "8:18 two files at `/a`",
                          "9:18 `/a/b/c` lies below `/a`, which is a file"));
}

TEST(Files, LieBesideVolumesOrInThemWhereDockerMayWrite) {
  const std::string container =
      "    container:\n"
      "      tmpfs: ['/run:size=1m']\n"
      "      volumes:\n"
      "        - {source: /s, target: /data/}\n"
      "        - {source: /r, target: /ro, read_only: true}\n"
      "        - {source: /w, target: /ro/rw}\n"
      "        - {source: /f, target: /etc/app.conf/d}\n";
  EXPECT_THAT(
      ProblemsWith(container + "    files:\n"
                               "      - {target: /data, content: x}\n"
                               "      - {target: /run, content: x}\n"
                               "      - {target: /ro/a, content: x}\n"
                               "      - {target: /etc/app.conf, content: x}\n"),
      ElementsAre("12:32 `/etc/app.conf/d` lies below `/etc/app.conf`, which is a file",
                  "14:18 a directory is mounted at `/data` already",
                  "15:18 a directory is mounted at `/run` already",
                  "16:18 `/ro/a` lies in the read-only volume `/ro`, where it cannot be put"));
  EXPECT_THAT(ProblemsWith(container + "    files:\n"
                                       "      - {target: /data/a, content: x}\n"
                                       "      - {target: /run/a, content: x}\n"
                                       "      - {target: /ro/rw/a, content: x}\n"
                                       "      - {target: /data2, content: x}\n"),
              IsEmpty());
}

TEST(Files, NameVariablesOfTheApp) {
  EXPECT_THAT(ProblemsWith("    env: {clear: {API_URL: x}, secret: [TOKEN]}\n"
                           "    files:\n"
                           "      - {target: /a, content: '{{API_URL}} {{TOKEN}} {{{{ANY}}'}\n"
                           "      - {target: /b, content: '{{API_URI}}'}\n"
                           "      - {target: /c, content: '{{API_URL'}\n"),
              ElementsAre("9:31 `content` names the variable `API_URI`, which the env of `web` "
                          "lacks; did you mean `API_URL`?",
                          "10:31 `content`, line 1: `{{` has no `}}`; a plain `{{` is written "
                          "`{{{{`"));
}

TEST(Files, MayNameVariablesThatAnEnvironmentGives) {
  const std::string apps =
      "project: shop\napps: {web: {image: a, files: [{target: /a, content: '{{A}}'}]}}\n";
  EXPECT_THAT(ProblemsOf(apps + "environments: {dev: {apps: {web: {env: {clear: {A: a}}}}}}\n"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf(apps + "environments: {dev: {}}\n"),
              ElementsAre("2:54 `content` names the variable `A`, which the env of `web` lacks"));
}

TEST(Files, ComeAlongWithWhatAnAppExtends) {
  const LoadResult result = Load(
      "project: shop\nenvironments: {dev: {}}\n"
      "apps:\n"
      "  web: {image: a, env_mounts: [{target: /.env}], files: [{target: /a, content: x}],\n"
      "        checks: [{name: c, command: [c]}], preset: django, build: {}}\n"
      "  worker: {extends: web, files: [{target: /b, content: x}]}\n"
      "  beat: {extends: web, env_mounts: null}\n");
  ASSERT_TRUE(result.ok());
  const v1::App& worker = result.specs[0].apps().at("worker");
  EXPECT_EQ(worker.env_mounts(0).target(), "/.env");
  ASSERT_EQ(worker.files_size(), 1);
  EXPECT_EQ(worker.files(0).target(), "/b");
  EXPECT_THAT(worker.checks(), IsEmpty());
  EXPECT_EQ(worker.preset(), "");
  EXPECT_FALSE(worker.has_build());
  EXPECT_FALSE(worker.has_healthcheck());
  EXPECT_THAT(result.specs[0].apps().at("beat").env_mounts(), IsEmpty());
}

TEST(Checks, HaveNamesOfTheirOwn) {
  const v1::App app =
      AppWith("    checks: [{name: a, command: [x]}, {name: b_2, command: [y, z]}]\n");
  EXPECT_EQ(app.checks(0).on_failure(), "fail");
  EXPECT_EQ(app.checks(0).timeout().seconds(), 120);
  EXPECT_THAT(ProblemsWith("    checks:\n"
                           "      - {name: a, command: [x]}\n"
                           "      - {name: a, command: [], timeout: 0s}\n"
                           "      - {name: A, command: [''], on_failure: ignore}\n"),
              ElementsAre("8:16 two checks are called `a`", "8:28 `command` must not be empty",
                          "8:41 `timeout` must be more than 0",
                          "9:16 `name` must be 1 to 40 lower-case letters, digits, dashes and "
                          "underscores",
                          "9:29 `command` begins with the program to run",
                          "9:46 `on_failure` must be `fail` or `warn`"));
}

TEST(Build, LiesBelowTheProjectsDirectory) {
  const v1::App app = AppWith("    build: {}\n");
  EXPECT_EQ(app.build().context(), ".");
  EXPECT_EQ(app.build().dockerfile(), "Dockerfile");
  const std::string context = ": it lies below davit.yaml's directory";
  const std::string dockerfile = ": it lies below `context`";
  for (const auto& [build, problem] : std::vector<std::pair<std::string, std::string>>{
           {"{context: ../x}", "6:22 `context` must not contain '..'" + context},
           {"{context: a/../..}", "6:22 `context` must not contain '..'" + context},
           {"{context: /srv}", "6:22 `context` must be a relative path" + context},
           {"{context: ~/x}", "6:22 `context` must be a relative path" + context},
           {"{context: ''}", "6:22 `context` must not be empty" + context},
           {"{context: 'https://x.git'}",
            "6:22 `context` must be a path; what is elsewhere is not fetched" + context},
           {"{dockerfile: ../D}", "6:25 `dockerfile` must not contain '..'" + dockerfile},
           {"{dockerfile: /D}", "6:25 `dockerfile` must be a relative path" + dockerfile},
           {"{args: {'A=b': c}}", "6:20 a build argument needs a name without '='"},
           {"{test: ['', x]}", "6:20 `test` begins with the program to run"}}) {
    EXPECT_THAT(ProblemsWith(absl::StrCat("    build: ", build, "\n")), ElementsAre(problem))
        << build;
  }
  EXPECT_THAT(ProblemsWith("    build: {context: a/b.., dockerfile: d/Dockerfile}\n"), IsEmpty());
}

}  // namespace
}  // namespace davit::spec
