#include "common/spec/effective_yaml.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

LoadResult LoadWithOrigins(absl::string_view text) {
  return LoadProject(text, {VariableForTest, "", /*origins=*/true});
}

std::string EffectiveOf(absl::string_view text, size_t environment) {
  const LoadResult result = LoadWithOrigins(text);
  EXPECT_TRUE(result.ok()) << FormatProblems("davit.yaml", text, result.problems);
  if (!result.ok()) return "";
  return EffectiveYaml(result.specs[environment], result.origins[environment], "davit.yaml");
}

// The lines of one app, each "key: value # origin" with single blanks.
std::vector<std::string> LinesOf(const std::string& yaml, const std::string& app) {
  std::vector<std::string> lines;
  bool within = false;
  for (absl::string_view line : absl::StrSplit(yaml, '\n')) {
    if (absl::StartsWith(line, "  ") && !absl::StartsWith(line, "   ")) {
      within = absl::StartsWith(line, absl::StrCat("  ", app, ":"));
    }
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (within) lines.push_back(absl::StrJoin(words, " "));
  }
  return lines;
}

constexpr char kShop[] = R"(project: shop
apps:
  web:
    image: nginx
    preset: django
    container: {mem_limit: 1536MiB, ulimits: {nofile: 5}, ports: ["80:80"], stop_grace_period: 90s}
    env: {clear: {A: "1", B: "$5 ${SET}", C: c}, secret: [S]}
    files: [{target: /a, content: "{{A}}\n"}]
    depends_on: []
  worker: {extends: web, env: {clear: {C: w}}, healthcheck: {docker: {}}}
environments:
  dev:
    apps:
      web: {env: {clear: {A: "2", B: null, S: s}}, healthcheck: {http: {port: 80}}, retain: 7}
  prod: {hosts: [a, b]}
)";

TEST(EffectiveYaml, SaysWhereEachValueComesFrom) {
  const std::vector<std::string> web = LinesOf(EffectiveOf(kShop, 0), "web");
  for (const char* line : {"image: nginx # davit.yaml:4",
                           "# preset: django # davit.yaml:5",
                           "name: shop-web # default",
                           "mem_limit: 1536MiB # davit.yaml:6",
                           "hard: 5 # davit.yaml:6",
                           "ports: [\"80:80\"] # davit.yaml:6",
                           "stop_grace_period: 1m30s # davit.yaml:6",
                           "A: \"2\" # davit.yaml:14, environment dev",
                           "C: c # davit.yaml:7",
                           "S: s # davit.yaml:14, environment dev",
                           "- target: /a # davit.yaml:8",
                           "content: \"{{A}}\\n\" # davit.yaml:8",
                           "mode: \"0444\" # default",
                           "depends_on: [] # davit.yaml:9",
                           "port: 80 # davit.yaml:14, environment dev",
                           "path: / # preset django",
                           "- name: django # preset django",
                           "attempts: 20 # default",
                           "retain: 7 # davit.yaml:14, environment dev",
                           "type: recreate # default"}) {
    EXPECT_THAT(web, ::testing::Contains(line));
  }
}

TEST(EffectiveYaml, NamesTheAppThatAValueIsTakenFrom) {
  const std::vector<std::string> worker = LinesOf(EffectiveOf(kShop, 0), "worker");
  for (const char* line :
       {"image: nginx # davit.yaml:4, extends web", "# extends: web # davit.yaml:10",
        "A: \"2\" # davit.yaml:14, extends web, environment dev", "C: w # davit.yaml:10",
        "docker: {} # davit.yaml:10", "retain: 5 # default"}) {
    EXPECT_THAT(worker, ::testing::Contains(line));
  }
}

TEST(EffectiveYaml, KnowsNothingOfWhatANullTookAway) {
  EXPECT_THAT(EffectiveOf(kShop, 0), Not(HasSubstr(" B:")));
  EXPECT_THAT(EffectiveOf(kShop, 1), HasSubstr(" B: \"$$5 value\""));
}

// So that it can be taken for a file: what it says is what Davit understood.
void ExpectLoadsToTheSame(absl::string_view text) {
  const LoadResult result = LoadWithOrigins(text);
  ASSERT_TRUE(result.ok()) << FormatProblems("davit.yaml", text, result.problems);
  for (size_t i = 0; i < result.specs.size(); ++i) {
    const std::string yaml = EffectiveYaml(result.specs[i], result.origins[i], "davit.yaml");
    const LoadResult again = Load(yaml);
    ASSERT_TRUE(again.ok()) << FormatProblems("again", yaml, again.problems);
    ASSERT_EQ(again.specs.size(), 1u);
    v1::EnvironmentSpec wanted = result.specs[i];
    for (auto& [name, app] : *wanted.mutable_apps()) {
      app.clear_extends();
      app.clear_preset();
      std::string& container = *app.mutable_container()->mutable_name();
      if (container.empty()) container = absl::StrCat(wanted.project(), "-", name);
    }
    google::protobuf::util::MessageDifferencer differencer;
    std::string differences;
    differencer.ReportDifferencesToString(&differences);
    EXPECT_TRUE(differencer.Compare(wanted, again.specs[0])) << differences << "\n" << yaml;
  }
}

constexpr char kBase[] = R"(project: shop
databases:
  main: {url: {secret: URL}, migrate: {lock_timeout: 0s}}
  other: {url: {secret: O}, admin_url: {secret: A}, backup: {before_migrate: false, keep: 2}}
apps:
  web:
    image: a
    preset: django
    database: main
  worker: {extends: web, tasks: [{name: t, command: [b], env: {secret: [S]}, succeed_on: [c]}]}
  rails:
    image: b
    preset: rails
    database: other
    tasks: [{name: t, command: [b], each_host: true}]
environments: {dev: {}, prod: {apps: {web: null}}}
)";

TEST(EffectiveYaml, SaysWhichPresetBringsAMigrationAndTasks) {
  const std::string yaml = EffectiveOf(kBase, 0);
  std::vector<std::string> lines = LinesOf(yaml, "main");
  for (const char* line : {"secret: URL # davit.yaml:3", "app: web # preset django",
                           "command: [python, manage.py, migrate, \"--noinput\"] # preset django",
                           "lock_timeout: 0s # davit.yaml:3", "timeout: 15m # default"}) {
    EXPECT_THAT(lines, ::testing::Contains(line));
  }
  EXPECT_THAT(LinesOf(yaml, "other"), ::testing::Contains("app: rails # preset rails"));
  EXPECT_THAT(LinesOf(yaml, "web"), ::testing::Contains("- name: collectstatic # preset django"));
  lines = LinesOf(yaml, "rails");
  for (const char* line : {"each_host: true # davit.yaml:15", "on_failure: warn # default"}) {
    EXPECT_THAT(lines, ::testing::Contains(line));
  }
}

TEST(EffectiveYaml, LoadsToTheSame) {
  ExpectLoadsToTheSame(kBase);
  ExpectLoadsToTheSame(kShop);
  ExpectLoadsToTheSame(
      "project: shop\n"
      "registries: {hub: {server: docker.io, username: a, password: {secret: B}}}\n"
      "environments: {dev: {}}\n"
      "apps:\n"
      "  '1': {image: a, container: {cpus: 1.25, mem_limit: 6291457, restart: 'no',\n"
      "        labels: {'a b': 'x: y # z', empty: '', 'null': 'null', yes: 'on'}}}\n"
      "  web: {image: a, env: {clear: {T: \" \\t\\\"\\\\ä\\x7f$${A}\", N: '~', E: ''}},\n"
      "        build: {push: [hub]}, rollback: {automatic: false}, container: {init: true}}\n");
}

TEST(EffectiveYaml, LoadsToTheSameForTheGuidesExamples) {
  std::stringstream guide;
  guide << std::ifstream(DAVIT_SOURCE_DIR "/docs/davit-yaml.md").rdbuf();
  const std::vector<std::string> blocks = absl::StrSplit(guide.str(), "\n```yaml\n");
  ASSERT_GE(blocks.size(), 3u);
  for (size_t i = 1; i < blocks.size(); ++i) {
    ExpectLoadsToTheSame(blocks[i].substr(0, blocks[i].find("\n```\n")));
  }
}

TEST(EffectiveYaml, ShowsNoControlCharacterOfAFileName) {
  const LoadResult result = LoadWithOrigins(kShop);
  EXPECT_THAT(EffectiveYaml(result.specs[0], result.origins[0], "a\nb: \x1b"),
              AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("a\nb"))));
}

}  // namespace
}  // namespace davit::spec
