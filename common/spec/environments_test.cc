// Environments over apps, `extends`, and what apps are to each other.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

v1::App AppOf(absl::string_view text, const std::string& environment, const std::string& app) {
  EXPECT_THAT(ProblemsOf(text, environment), IsEmpty());
  const LoadResult result = Load(text, environment);
  if (result.specs.empty() || !result.specs[0].apps().contains(app)) return {};
  return result.specs[0].apps().at(app);
}

std::vector<std::string> KeysOf(const google::protobuf::Map<std::string, std::string>& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

constexpr char kMerged[] = R"(project: shop
apps:
  web:
    image: nginx
    container: {ports: ["80:80"], networks: [a, b], mem_limit: 1GiB}
    env: {clear: {A: base, B: base}}
    healthcheck: {http: {port: 80}}
  worker: {image: worker}
environments:
  dev:
    hosts: [dev-1]
    apps:
      web:
        container: {networks: [c], mem_limit: null}
        env: {clear: {A: dev, B: null, C: dev}}
        healthcheck: {http: null, tcp: {port: 80}}
      worker: null
  prod: {hosts: [p-1, p-2]}
)";

TEST(Environment, IsMergedOverTheAppsMapsByKeyListsReplacedNullDeletes) {
  const v1::App dev = AppOf(kMerged, "dev", "web");
  EXPECT_EQ(dev.image(), "nginx");
  EXPECT_THAT(dev.container().ports(), ElementsAre("80:80"));
  EXPECT_THAT(dev.container().networks(), ElementsAre("c"));
  EXPECT_EQ(dev.container().mem_limit(), 0);
  EXPECT_THAT(KeysOf(dev.env().clear()), UnorderedElementsAre("A", "C"));
  EXPECT_EQ(dev.env().clear().at("A"), "dev");
  EXPECT_TRUE(dev.healthcheck().has_tcp());
  EXPECT_FALSE(dev.healthcheck().has_http());
  EXPECT_EQ(AppOf(kMerged, "prod", "web").env().clear().at("A"), "base");
}

TEST(Environment, HasAllAppsThatItDoesNotDelete) {
  EXPECT_EQ(Load(kMerged, "dev").specs[0].apps().size(), 1u);
  EXPECT_EQ(Load(kMerged, "prod").specs[0].apps().size(), 2u);
}

TEST(Environment, MustNameAppsOfTheProject) {
  EXPECT_THAT(ProblemsOf("project: shop\napps: {web: {image: a}}\n"
                         "environments: {dev: {apps: {wbe: {retain: 1}}}}\n"),
              ElementsAre("3:29 no app `wbe` in `apps`; did you mean `web`?"));
}

TEST(Environment, MustHaveAnAppAndHosts) {
  EXPECT_THAT(
      ProblemsOf("project: shop\napps: {web: {image: a}}\n"
                 "environments: {dev: {apps: {web: null}}, prod: {hosts: []}}\n"),
      ElementsAre("3:16 no app lives in this environment", "3:49 `hosts` must not be empty"));
}

TEST(Environment, HasHostsWithGoodNamesEachOnce) {
  EXPECT_THAT(ProblemsOf("project: shop\napps: {web: {image: a}}\n"
                         "environments: {dev: {hosts: [a, b, a, '-x', '']}}\n"),
              ElementsAre("3:36 the host `a` is listed twice",
                          "3:39 the host `-x` must be letters, digits, '-', '_' and '.', beginning "
                          "and ending with a letter or digit",
                          "3:45 the host `` must be letters, digits, '-', '_' and '.', beginning "
                          "and ending with a letter or digit"));
}

TEST(Environment, CannotHideAMisspeltKeyInItsNulls) {
  EXPECT_THAT(ProblemsOf("project: shop\napps: {web: {image: a}}\n"
                         "environments: {dev: {apps: {web: {heathcheck: null}}}}\n"),
              ElementsAre("3:35 unknown key `heathcheck`; did you mean `healthcheck`?"));
}

TEST(Problems, OfASharedAppAreToldOnce) {
  EXPECT_THAT(ProblemsOf("project: shop\napps:\n  web: {image: A, container: {ports: ['1']}}\n"
                         "  api: {retain: 0}\n"
                         "environments: {a: {}, b: {}, c: {apps: {web: {retain: 2}}}}\n"),
              SizeIs(4));
}

TEST(Problems, OfAnAppWithoutAnEnvironmentAreToldToo) {
  EXPECT_THAT(
      ProblemsOf("project: shop\napps: {web: {image: a}, old: {retain: 0}}\n"
                 "environments: {dev: {apps: {old: null}}}\n"),
      ElementsAre("2:25 `image` is required", "2:39 `retain` must be from 1 to 100, not 0"));
}

TEST(Problems, ComeAllAtOnceByPlace) {
  EXPECT_THAT(
      ProblemsOf("project: Shop\n"
                 "aps: {}\n"
                 "notify: {}\n"
                 "apps:\n"
                 "  Web: {image: nginx, retain: many}\n"
                 "  api: {depends_on: [wbe], image: ${UNSET}}\n"
                 "environments: {Dev: {hots: [a]}}\n"),
      ElementsAre(
          "6:36 a ',' or '}' is missing before this; within {} and [] a ${VARIABLE} needs quotes "
          "around it"));
  EXPECT_THAT(
      ProblemsOf("project: Shop\n"
                 "aps: {}\n"
                 "notify: {}\n"
                 "apps:\n"
                 "  Web: {image: nginx, retain: many}\n"
                 "  api: {depends_on: [wbe], image: '${UNSET}'}\n"
                 "environments: {Dev: {hots: [a]}}\n"),
      ElementsAre(
          "1:10 `project` must be 1 to 40 lower-case letters, digits and dashes, neither "
          "first nor last a dash",
          "2:1 unknown key `aps`; did you mean `apps`?",
          "3:1 `notify` is not supported yet by this version",
          "5:3 the name `Web` in `apps` must be 1 to 40 lower-case letters, digits and "
          "dashes, neither first nor last a dash",
          "5:31 `retain` must be a whole number, not the text `many`",
          "6:22 no app `wbe` in this environment; did you mean `Web`?",
          "6:36 the variable `UNSET` is not set; export it, or give it a default with ':-'; "
          "one for the container to expand is `$${…}`",
          "7:16 the name `Dev` in `environments` must be 1 to 40 lower-case letters, "
          "digits and dashes, neither first nor last a dash",
          "7:22 unknown key `hots`; did you mean `hosts`?"));
}

TEST(Problems, NameTheKeysThatAFileMustHave) {
  EXPECT_THAT(ProblemsOf("x-a: 1\n"),
              ElementsAre("1:1 `apps` is required", "1:1 `environments` is required",
                          "1:1 `project` is required"));
  EXPECT_THAT(ProblemsOf("project: shop\napps:\nenvironments: {}\n"),
              ElementsAre("2:1 `apps` must not be empty", "3:1 `environments` must not be empty"));
}

constexpr char kExtends[] = R"(project: shop
apps:
  web:
    image: shop
    container: {name: x1, hostname: h1, ports: ["80:80"], command: [web], entrypoint: [e],
                networks: [net], labels: {a: web}, user: app}
    env: {clear: {A: web, B: web}}
    healthcheck: {http: {port: 80}}
    depends_on: [db]
    retain: 9
  worker:
    extends: web
    container: {command: [work], labels: {b: worker}, user: null}
    env: {clear: {B: worker}}
  beat: {extends: worker}
  db: {image: postgres}
environments:
  dev: {apps: {web: {env: {clear: {A: dev}}}}}
  jobs: {apps: {web: null}}
)";

TEST(Extends, TakesImageEnvironmentAndContainerButNotWhatMakesItOne) {
  const v1::App worker = AppOf(kExtends, "jobs", "worker");
  EXPECT_EQ(worker.image(), "shop");
  EXPECT_EQ(worker.container().name(), "");
  EXPECT_EQ(worker.container().hostname(), "");
  EXPECT_THAT(worker.container().ports(), IsEmpty());
  EXPECT_THAT(worker.container().entrypoint(), IsEmpty());
  EXPECT_THAT(worker.container().command(), ElementsAre("work"));
  EXPECT_THAT(worker.container().networks(), ElementsAre("net"));
  EXPECT_THAT(KeysOf(worker.container().labels()), UnorderedElementsAre("a", "b"));
  EXPECT_EQ(worker.env().clear().at("A"), "web");
  EXPECT_EQ(worker.env().clear().at("B"), "worker");
  EXPECT_FALSE(worker.has_healthcheck());
  EXPECT_THAT(worker.depends_on(), IsEmpty());
  EXPECT_EQ(worker.retain(), 5);
}

TEST(Extends, GoesOnThroughChainsAndANullTakesAway) {
  const v1::App beat = AppOf(kExtends, "jobs", "beat");
  EXPECT_EQ(beat.image(), "shop");
  EXPECT_EQ(beat.env().clear().at("B"), "worker");
  EXPECT_THAT(beat.container().command(), IsEmpty());
  EXPECT_EQ(beat.container().user(), "");
}

TEST(Extends, SeesWhatTheEnvironmentSaysOfTheOther) {
  EXPECT_EQ(AppOf(kExtends, "dev", "worker").env().clear().at("A"), "dev");
}

std::vector<std::string> ProblemsOfApps(absl::string_view apps) {
  return ProblemsOf(absl::StrCat("project: shop\nenvironments: {a: {}, b: {}}\napps:\n", apps));
}

TEST(Extends, MustNameAnApp) {
  EXPECT_THAT(ProblemsOfApps("  web: {image: a}\n  worker: {extends: wbe}\n"),
              ElementsAre("5:21 `extends` names the unknown app `wbe`; did you mean `web`?"));
  EXPECT_THAT(ProblemsOfApps("  web: {image: a, env: {clear: {A: a}}}\n"
                             "  worker: {extends: wbe, env: {required: [A]},\n"
                             "           files: [{target: /a, content: '{{A}}'}]}\n"),
              ElementsAre("5:21 `extends` names the unknown app `wbe`; did you mean `web`?"));
}

TEST(Extends, CannotGoRound) {
  EXPECT_THAT(ProblemsOfApps("  a: {extends: b}\n  b: {extends: c}\n  c: {extends: b}\n"),
              ElementsAre("5:16 `extends` goes round in a circle: `b` → `c` → `b`"));
  EXPECT_THAT(ProblemsOfApps("  a: {extends: a}\n"), ElementsAre("4:16 `a` extends itself"));
}

TEST(DependsOn, MustNameAnotherAppOfTheEnvironmentOnce) {
  EXPECT_THAT(
      ProblemsOfApps("  web: {image: a, depends_on: [dbb, web, db, db]}\n  db: {image: a}\n"),
      ElementsAre("4:32 no app `dbb` in this environment; did you mean `db`?",
                  "4:37 `web` depends on itself", "4:46 `db` is listed twice"));
  EXPECT_THAT(ProblemsOf("project: shop\n"
                         "apps: {web: {image: a, depends_on: [db]}, db: {image: a}}\n"
                         "environments: {dev: {apps: {db: null}}}\n"),
              ElementsAre("2:37 no app `db` in this environment"));
}

TEST(DependsOn, CannotGoRound) {
  EXPECT_THAT(ProblemsOfApps("  a: {image: a, depends_on: [b, c]}\n"
                             "  b: {image: a, depends_on: [c]}\n"
                             "  c: {image: a, depends_on: [d, b]}\n"
                             "  d: {image: a}\n"
                             "  e: {image: a, depends_on: [f]}\n"
                             "  f: {image: a, depends_on: [e]}\n"),
              ElementsAre("5:30 `depends_on` goes round in a circle: `b` → `c` → `b`",
                          "8:30 `depends_on` goes round in a circle: `e` → `f` → `e`"));
}

TEST(Apps, CannotShareAHostPortOrAContainersName) {
  EXPECT_THAT(ProblemsOfApps("  a: {image: a, container: {ports: ['127.0.0.1:80:1', '81:1/udp']}}\n"
                             "  b: {image: a, container: {ports: ['127.0.0.2:80:1', '81:1']}}\n"
                             "  c: {image: a, container: {ports: ['80:1'], name: shop-a}}\n"
                             "  d: {image: a, container: {ports: ['[::1]:81:1']}}\n"),
              ElementsAre("6:37 host port 80/tcp is published by `a` already",
                          "6:52 the container name `shop-a` is that of `a` already",
                          "7:37 host port 81/tcp is published by `b` already"));
}

}  // namespace
}  // namespace davit::spec
