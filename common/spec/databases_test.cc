// `databases`, the apps that use them, and their tasks.
#include <gmock/gmock.h>

#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A shop with one database; `keys` are those of the database besides its URL, and `lines` those
// of the apps.
std::string Shop(absl::string_view keys, absl::string_view lines,
                 absl::string_view environments = "{dev: {}}") {
  return absl::StrCat("project: shop\ndatabases:\n  main: {url: {secret: URL}", keys,
                      "}\nenvironments: ", environments, "\napps:\n", lines);
}

constexpr char kWeb[] = "  web: {image: a, database: main}\n";
constexpr char kDjango[] = "  web: {image: a, database: main, preset: django}\n";

v1::EnvironmentSpec SpecOf(absl::string_view text, size_t environment = 0) {
  const LoadResult result = Load(text);
  EXPECT_TRUE(result.ok()) << FormatProblems("davit.yaml", text, result.problems);
  return result.ok() ? result.specs[environment] : v1::EnvironmentSpec();
}

v1::Database MainOf(absl::string_view text, size_t environment = 0) {
  const v1::EnvironmentSpec spec = SpecOf(text, environment);
  EXPECT_TRUE(spec.databases().contains("main")) << text;
  return spec.databases().contains("main") ? spec.databases().at("main") : v1::Database();
}

// Of the only app of a file, which has such tasks.
std::vector<std::string> TaskProblems(absl::string_view tasks, absl::string_view lines = "") {
  return ProblemsOf(WithApp(absl::StrCat("    image: a\n    tasks: ", tasks, "\n", lines)));
}

TEST(Databases, HaveTheDefaultsOfTheGuide) {
  const v1::Database main = MainOf(Shop("", kWeb));
  EXPECT_EQ(main.url().secret(), "URL");
  EXPECT_FALSE(main.has_admin_url());
  EXPECT_FALSE(main.has_migrate());
  EXPECT_EQ(main.wait().attempts(), 30);
  EXPECT_EQ(main.wait().interval().seconds(), 1);
  EXPECT_TRUE(main.backup().before_migrate());
  EXPECT_EQ(main.backup().keep(), 7);
  EXPECT_EQ(main.backup().directory(), "/var/lib/davit/backups");
  EXPECT_EQ(main.backup().timeout().seconds(), 1800);
}

TEST(Databases, AreReadWithAllTheirKeys) {
  const v1::Database main = MainOf(
      Shop(", admin_url: {secret: ADMIN}, wait: {attempts: 3, interval: 2s}, backup: "
           "{before_migrate: false, keep: 2, directory: /b, timeout: 1m}, migrate: {app: web, "
           "command: [m], timeout: 3m, lock_timeout: 0s, rollback: command, rollback_command: "
           "[r, '{{previous:shop}}']}",
           kWeb));
  EXPECT_EQ(main.admin_url().secret(), "ADMIN");
  EXPECT_EQ(main.wait().attempts(), 3);
  EXPECT_FALSE(main.backup().before_migrate());
  EXPECT_EQ(main.migrate().app(), "web");
  EXPECT_EQ(main.migrate().timeout().seconds(), 180);
  EXPECT_TRUE(main.migrate().has_lock_timeout());
  EXPECT_EQ(main.migrate().lock_timeout().seconds(), 0);
  EXPECT_THAT(main.migrate().rollback_command(), ElementsAre("r", "{{previous:shop}}"));
}

TEST(Databases, AreThoseThatTheAppsOfTheEnvironmentUse) {
  const std::string text =
      "project: shop\n"
      "databases: {main: {url: {secret: A}}, stock: {url: {secret: B}}}\n"
      "apps: {web: {image: a, database: main}, store: {image: a, database: stock}}\n"
      "environments: {dev: {apps: {store: null}}, prod: {}}\n";
  EXPECT_EQ(SpecOf(text).databases_size(), 1);
  EXPECT_EQ(SpecOf(text, 1).databases_size(), 2);
}

TEST(Databases, ComeAlongWithExtendsAndTasksDoNot) {
  const v1::EnvironmentSpec spec =
      SpecOf(Shop("",
                  "  web: {image: a, database: main, tasks: [{name: a, command: [b]}]}\n"
                  "  worker: {extends: web}\n"));
  EXPECT_EQ(spec.apps().at("worker").database(), "main");
  EXPECT_THAT(spec.apps().at("worker").tasks(), IsEmpty());
}

TEST(Databases, ThatAreUnknownAreNamedWithAGuess) {
  EXPECT_THAT(ProblemsOf(Shop("", "  b: {image: a, database: mian}\n" + std::string(kWeb))),
              ElementsAre("6:27 no database `mian` in `databases`; did you mean `main`?"));
  EXPECT_THAT(ProblemsOf(WithApp("    image: a\n    database: main\n")),
              ElementsAre("6:15 no database `main` in `databases`"));
}

TEST(Databases, ThatNoAppUsesAreNamed) {
  EXPECT_THAT(ProblemsOf(Shop(", wait: {attempts: 0}", "  web: {image: a}\n")),
              ElementsAre("3:3 no app uses the database `main`; those that do say `database: main`",
                          "3:47 `attempts` must be from 1 to 10000, not 0"));
  // Another environment may.
  EXPECT_THAT(ProblemsOf(Shop("", kWeb, "{dev: {apps: {web: {database: null}}}, prod: {}}"), "dev"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf(Shop("", kWeb, "{dev: {apps: {web: {database: null}}}, prod: {}}")),
              IsEmpty());
}

TEST(Databases, AreNotSaidToBeUnusedWhereAMistakeMayBeWhy) {
  EXPECT_THAT(ProblemsOf(Shop("", "  web: {image: a, databse: main}\n")),
              ElementsAre("6:19 unknown key `databse`; did you mean `database`?"));
  EXPECT_THAT(
      ProblemsOf(Shop(", migrate: {app: web, command: [m]}",
                      "  web: {image: a, extends: wbe}\n  b: {image: a, database: main}\n")),
      ElementsAre("6:28 `extends` names the unknown app `wbe`"));
}

TEST(Databases, NeverHaveAPasswordInTheFile) {
  const LoadResult result = Load(
      "project: shop\ndatabases:\n  main:\n    url: postgres://a:hunter2@b/c\n"
      "    password: hunter2\n"
      "environments: {dev: {}}\napps: {web: {image: a, database: main}}\n");
  ASSERT_EQ(result.problems.size(), 2u);
  for (const Problem& problem : result.problems) {
    EXPECT_TRUE(problem.hides);
    EXPECT_THAT(problem.message, ::testing::Not(::testing::HasSubstr("hunter2")));
  }
}

TEST(Databases, AreRefusedWhereTheyAreNoMapping) {
  EXPECT_THAT(ProblemsOf("project: shop\ndatabases: [main]\nenvironments: {dev: {}}\n"
                         "apps: {web: {image: a, database: main}}\n"),
              ElementsAre("2:12 `databases` must be a mapping, not a list"));
  EXPECT_THAT(ProblemsOf("project: shop\ndatabases: {main: null}\nenvironments: {dev: {}}\n"
                         "apps: {web: {image: a, database: main}}\n"),
              ElementsAre("2:13 `url` is required"));
}

TEST(Databases, HaveDurationsThatCanBe) {
  EXPECT_THAT(
      ProblemsOf(Shop(", wait: {interval: 0s}, backup: {timeout: 24h}", kWeb)),
      ElementsAre("3:47 `interval` must be more than 0", "3:70 `timeout` must be less than 24h"));
  EXPECT_THAT(ProblemsOf(Shop(", backup: {directory: backups}", kWeb)),
              ElementsAre("3:50 `directory` must be an absolute path"));
  EXPECT_THAT(ProblemsOf(Shop(", backup: {directory: /a/../b}", kWeb)),
              ElementsAre("3:50 `directory` must not have `..` in it"));
}

TEST(Migration, IsRunByAnAppThatUsesTheDatabase) {
  EXPECT_THAT(ProblemsOf(Shop(", migrate: {app: wbe, command: [m]}", kWeb)),
              ElementsAre("3:45 no app `wbe` in `apps`; did you mean `web`?"));
  EXPECT_THAT(ProblemsOf(Shop(", migrate: {app: b, command: [m]}",
                              "  web: {image: a, database: main}\n  b: {image: a}\n")),
              ElementsAre("3:45 the app `b` migrates `main` and must say so: `database: main`"));
  EXPECT_THAT(ProblemsOf(Shop(", migrate: {app: web}", kWeb)),
              ElementsAre("3:30 `command` is required"));
}

TEST(Migration, IsLeftOutWhereItsAppDoesNotLive) {
  const std::string text =
      Shop(", migrate: {app: web, command: [m]}", absl::StrCat(kWeb, "  b: {extends: web}\n"),
           "{dev: {apps: {web: null}}, prod: {}}");
  EXPECT_FALSE(MainOf(text).has_migrate());
  EXPECT_TRUE(MainOf(text, 1).has_migrate());
}

TEST(Migration, NeedsACommandToBeUndoneByOne) {
  EXPECT_THAT(ProblemsOf(Shop(", migrate: {app: web, command: [m], rollback: command}", kWeb)),
              ElementsAre("3:74 `rollback: command` needs a `rollback_command`"));
  EXPECT_THAT(ProblemsOf(Shop(", migrate: {app: web, command: [m], rollback: undo}", kWeb)),
              ElementsAre("3:74 `rollback` must be `keep` or `command`"));
}

// Of a rollback_command with this word.
std::vector<std::string> RollbackProblems(absl::string_view word) {
  return ProblemsOf(Shop(
      absl::StrCat(", migrate: {app: web, command: [m], rollback_command: [r, \"", word, "\"]}"),
      kWeb));
}

TEST(Migration, IsUndoneByACommandThatMayNameWhatWasBefore) {
  for (const char* word : {"shop={{previous:shop}},{{ previous:shop_2 }}", "{{previous:}}",
                           "{{{{.Name}}", "{ {x} }", "}}"}) {
    EXPECT_THAT(RollbackProblems(word), IsEmpty()) << word;
  }
}

TEST(Migration, IsUndoneByNoCommandThatNamesAnythingElse) {
  const std::string wanted =
      "3:86 `rollback_command`: between `{{` and `}}` stands `previous:LABEL`, the last migration "
      "of LABEL that was applied before; a plain `{{` is written `{{{{`";
  for (const char* word : {"{{privious:shop}}", "{{previous}}", "{{PREVIOUS:shop}}", "{{shop}}",
                           "{{previous:my shop}}", "{{}}", "{{previous:{{previous:shop}}"}) {
    EXPECT_THAT(RollbackProblems(word), ElementsAre(wanted)) << word;
  }
  EXPECT_THAT(RollbackProblems("{{previous:shop}"),
              ElementsAre("3:86 `rollback_command`: `{{` has no `}}`; a plain `{{` is written "
                          "`{{{{`"));
}

TEST(Migration, MayHaveACommandToBeUndoneByHandAlone) {
  const std::string text = Shop(", migrate: {app: web, command: [m], rollback_command: [r]}", kWeb);
  EXPECT_THAT(ProblemsOf(text), IsEmpty());
  EXPECT_EQ(MainOf(text).migrate().rollback(), "keep");
}

TEST(Migration, IsThatOfTheAppsPreset) {
  const v1::DatabaseMigration migrate = MainOf(Shop("", kDjango)).migrate();
  EXPECT_EQ(migrate.app(), "web");
  EXPECT_THAT(migrate.command(), ElementsAre("python", "manage.py", "migrate", "--noinput"));
  EXPECT_EQ(migrate.lock_timeout().seconds(), 10);
  EXPECT_EQ(migrate.rollback(), "keep");
}

TEST(Migration, IsFilledInByThePresetKeyByKey) {
  const v1::DatabaseMigration migrate =
      MainOf(Shop(", migrate: {timeout: 1h, rollback_command: [r]}", kDjango)).migrate();
  EXPECT_EQ(migrate.app(), "web");
  EXPECT_EQ(migrate.command(0), "python");
  EXPECT_EQ(migrate.timeout().seconds(), 3600);
  const v1::DatabaseMigration own =
      MainOf(Shop(", migrate: {app: web, command: [m]}", kDjango)).migrate();
  EXPECT_THAT(own.command(), ElementsAre("m"));
  EXPECT_FALSE(MainOf(Shop(", migrate: null", kDjango)).has_migrate());
}

TEST(Migration, IsNotThePresetsOfAnotherApp) {
  const std::string apps = absl::StrCat(kDjango, "  b: {image: a, database: main}\n");
  EXPECT_THAT(ProblemsOf(Shop(", migrate: {app: b}", apps)),
              ElementsAre("3:30 `command` is required"));
}

TEST(Migration, IsNotGuessedWhereTwoPresetsBringOne) {
  const std::string apps =
      absl::StrCat(kDjango, "  b: {image: a, database: main, preset: rails}\n");
  EXPECT_THAT(ProblemsOf(Shop("", apps)),
              ElementsAre("3:3 `migrate` must name its `app`: the presets of `b` and `web` both "
                          "bring a migration for `main`"));
  EXPECT_THAT(MainOf(Shop(", migrate: {app: b}", apps)).migrate().command(),
              ElementsAre("bin/rails", "db:migrate"));
}

TEST(Migration, OfAPresetIsLeftOutWhereItsAppDoesNotLive) {
  const std::string text =
      Shop(", migrate: {timeout: 1h}", absl::StrCat(kDjango, "  b: {extends: web}\n"),
           "{dev: {apps: {web: null}}, prod: {}}");
  EXPECT_FALSE(MainOf(text).has_migrate());
  EXPECT_EQ(MainOf(text, 1).migrate().app(), "web");
}

TEST(Tasks, HaveTheDefaultsOfTheGuide) {
  const v1::EnvironmentSpec spec =
      SpecOf(WithApp("    image: a\n"
                     "    tasks:\n"
                     "      - {name: one, command: [b]}\n"
                     "      - {name: two, command: [b], each_host: true}\n"
                     "      - {name: three, command: [b], each_host: true, on_failure: fail}\n"));
  const auto& tasks = spec.apps().at("web").tasks();
  EXPECT_EQ(tasks[0].on_failure(), "fail");
  EXPECT_EQ(tasks[0].timeout().seconds(), 300);
  EXPECT_EQ(tasks[1].on_failure(), "warn");
  EXPECT_EQ(tasks[2].on_failure(), "fail");
}

TEST(Tasks, HaveVariablesOfTheirOwn) {
  const v1::EnvironmentSpec spec = SpecOf(
      WithApp("    image: a\n    env: {clear: {A: a}}\n"
              "    tasks: [{name: t, command: [b], succeed_on: [done], env: {clear: {B: '${SET}'}, "
              "secret: [PASSWORD], required: [A, B, PASSWORD]}}]\n"));
  const v1::Env& env = spec.apps().at("web").tasks(0).env();
  EXPECT_EQ(env.clear().at("B"), "value");
  EXPECT_EQ(env.secret().at("PASSWORD"), "PASSWORD");
  EXPECT_EQ(spec.apps().at("web").env().secret_size(), 0);
}

TEST(Tasks, AreRefusedWithTheirPlace) {
  EXPECT_THAT(TaskProblems("[{name: a, command: [b]}, {name: a, command: [c]}]"),
              ElementsAre("6:45 two tasks are called `a`"));
  EXPECT_THAT(TaskProblems("[{name: a, command: ['']}]"),
              ElementsAre("6:33 `command` begins with the program to run"));
  EXPECT_THAT(TaskProblems("[{name: a, command: [b], timeout: 0s}]"),
              ElementsAre("6:46 `timeout` must be more than 0"));
  EXPECT_THAT(TaskProblems("[{name: a, command: [b], on_failure: stop}]"),
              ElementsAre("6:49 `on_failure` must be `fail` or `warn`"));
  EXPECT_THAT(TaskProblems("[{name: a, command: [b], succeed_on: ['']}]"),
              ElementsAre("6:50 an empty text in `succeed_on` would make every failure a success"));
  EXPECT_THAT(TaskProblems("[{name: a, cmd: [b], command: [b]}]"),
              ElementsAre("6:23 unknown key `cmd`; did you mean `command`?"));
}

TEST(Tasks, AreRefusedWithWhatIsWrongWithTheirVariables) {
  EXPECT_THAT(TaskProblems("[{name: a, command: [b], env: {clear: {A: b}, secret: [A]}}]"),
              ElementsAre("6:67 the variable `A` is in `clear` and in `secret`"));
  EXPECT_THAT(TaskProblems("[{name: a, command: [b], env: {secret: [A, A]}}]"),
              ElementsAre("6:55 `A` is listed twice in `secret`"));
  EXPECT_THAT(TaskProblems("[{name: a, command: [b], env: {required: [A]}}]"),
              ElementsAre("6:54 `A` is required by `web` and missing in the environment `dev`: "
                          "neither `env.clear` nor `env.secret` has it"));
  EXPECT_THAT(
      TaskProblems("[{name: a, command: [b], env: {required: [A]}}]", "    env: {clear: {A: b}}\n"),
      IsEmpty());
}

TEST(ValidateDatabases, NamesThePathOfWhatIsWrong) {
  v1::EnvironmentSpec spec = SpecOf(Shop(", migrate: {app: web, command: [m]}", kWeb));
  EXPECT_THAT(ValidateEnvironment(spec), IsEmpty());
  spec.mutable_apps()->at("web").set_database("mian");
  spec.mutable_databases()->at("main").mutable_url()->set_secret("hunter two");
  EXPECT_THAT(ValidateEnvironment(spec),
              ElementsAre(::testing::StartsWith("apps.web.database: no database `mian`"),
                          ::testing::StartsWith("databases.main.migrate.app: the app `web` "),
                          ::testing::StartsWith("databases.main.url.secret: `secret` wants ")));
}

}  // namespace
}  // namespace davit::spec
