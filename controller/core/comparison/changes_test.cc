#include "controller/core/comparison/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/database/history.h"
#include "controller/core/machine/state_machine.h"
#include "controller/core/plan/foresight.h"
#include "controller/core/plan/planner.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A deployment that has been planned on hosts that are all like `host`.
DeploymentState Planned(DeploymentState state, ModelHost host = {}) {
  state = Apply(std::move(state), Submitted{}, kNow).next;
  for (int i = 0; i < static_cast<int>(state.steps.size()); ++i) {
    const state::v1::StepRecord step = state.steps[i];
    if (step.view().phase() != v1::SUBMIT) break;
    StepFinished input{step.view().id(), 1, host.Run(step.view().id(), step.spec())};
    state = Apply(std::move(state), input, kNow).next;
  }
  return state;
}

std::vector<std::string> Shown(const v1::AppChange& change) {
  std::vector<std::string> lines;
  for (const v1::Difference& difference : change.differences()) {
    lines.push_back(
        absl::StrCat(difference.what(), ": ", difference.before(), " -> ", difference.after()));
  }
  return lines;
}

// The live release of `state`, as it was when it was planned and became live.
void MakeLive(DeploymentState planned, DeploymentState& next) {
  state::v1::ReleaseRecord& live = (*next.record.mutable_previous())["web"];
  *live.mutable_view() = planned.record.view().releases(0);
  for (const state::v1::StepRecord& step : planned.steps) {
    if (!step.spec().has_start_container()) continue;
    *live.mutable_container() = step.spec().start_container().container();
  }
  live.mutable_view()->set_app("web");
  const v1::EnvironmentSpec& spec = planned.record.request().spec();
  *live.mutable_app() = spec.apps().at("web");
  if (const auto history = DatabaseHistoryOf(planned, "web")) *live.mutable_database() = *history;
  *live.mutable_healthcheck() = planned.record.request().spec().apps().at("web").healthcheck();
}

v1::App& WebOf(DeploymentState& state) {
  return (*state.record.mutable_request()->mutable_spec()->mutable_apps())["web"];
}

TEST(Changes, OfTheSameReleaseAgainAreNone) {
  const TestDeployment deployment = {.networks = {"back"}, .files = true, .ports = {"8000:80"}};
  DeploymentState next = MakeState(deployment, kNow);
  MakeLive(Planned(MakeState(deployment, kNow)), next);
  const auto changes = ChangesOf(Planned(next));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind(), v1::AppChange::REPLACED);
  EXPECT_EQ(changes[0].old_release(), 1);
  EXPECT_THAT(Shown(changes[0]), IsEmpty());
}

TEST(Changes, AreNamedOneByOneAndSorted) {
  const TestDeployment deployment = {.files = true};
  DeploymentState next = MakeState(deployment, kNow);
  MakeLive(Planned(MakeState(deployment, kNow)), next);
  v1::App& web = WebOf(next);
  (*web.mutable_env()->mutable_clear())["DEBUG"] = "1";
  web.mutable_env()->mutable_clear()->erase("API");
  (*web.mutable_env()->mutable_secret())["KEY"] = "WEB_KEY";
  web.mutable_files(0)->set_content("API = {{DEB}}");  // as long as before
  web.mutable_container()->add_ports("8000:80");
  web.mutable_healthcheck()->mutable_http()->set_path("/ready");
  worker::v1::SecretUse& use = *next.record.add_secrets();
  use.set_name("WEB_KEY");
  use.set_environment("dev");
  use.set_version(2);
  next.record.mutable_view()->mutable_releases(0)->set_image_reference("registry.test/web:next");
  const auto changes = ChangesOf(Planned(next));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_THAT(Shown(changes[0]),
              ElementsAre("container ports:  -> 8000:80", "env API: https://api.test -> ",
                          "env DEBUG:  -> 1", "env KEY:  -> secret WEB_KEY, version 2",
                          "file /www/env config.js: 13 bytes, owner 1000:1000, mode 0444 -> "
                          "13 bytes, owner 1000:1000, mode 0444, other text",
                          "healthcheck http.path: /health -> /ready",
                          "image: registry.test/web:new (d) -> registry.test/web:next (d)"));
}

TEST(Changes, AreAlsoThoseOfTasksAndMigrations) {
  const TestDeployment deployment = {.databases = {{"main", {"web"}}},
                                     .migrations = {{"main", {.app = "web"}}},
                                     .tasks = {{"web", {"seed", "index"}}}};
  DeploymentState next = MakeState(deployment, kNow);
  MakeLive(Planned(MakeState(deployment, kNow)), next);
  EXPECT_THAT(Shown(ChangesOf(Planned(next)).at(0)), IsEmpty());
  WebOf(next).mutable_tasks()->RemoveLast();
  WebOf(next).mutable_tasks(0)->add_command("--all");
  (*WebOf(next).mutable_tasks(0)->mutable_env()->mutable_secret())["PASSWORD"] = "URL_main";
  v1::Database& main =
      next.record.mutable_request()->mutable_spec()->mutable_databases()->at("main");
  main.mutable_migrate()->set_rollback("command");
  main.mutable_migrate()->add_rollback_command("undo");
  EXPECT_THAT(Shown(ChangesOf(Planned(next)).at(0)),
              ElementsAre("migration of main rollback: keep -> command",
                          "migration of main rollback_command:  -> undo",
                          "task index command: run index -> ", "task index timeout: 5m -> ",
                          "task seed command: run seed -> run seed --all",
                          "task seed env PASSWORD:  -> secret URL_main"));
}

// Of a release by an older controller, which recorded less.
TEST(Changes, OfWhatWasNotRecordedAreNotGuessed) {
  const TestDeployment deployment = {.tasks = {{"web", {"seed"}}}};
  DeploymentState next = MakeState(deployment, kNow);
  MakeLive(Planned(MakeState(deployment, kNow)), next);
  next.record.mutable_previous()->at("web").clear_app();
  EXPECT_THAT(Shown(ChangesOf(Planned(next)).at(0)), IsEmpty());
}

TEST(Changes, OfAFirstReleaseHaveNothingBefore) {
  const auto changes = ChangesOf(Planned(MakeState({.ports = {"80:80"}}, kNow)));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind(), v1::AppChange::FIRST);
  EXPECT_EQ(changes[0].old_release(), 0);
  EXPECT_FALSE(changes[0].differences().empty());
  for (const v1::Difference& difference : changes[0].differences()) {
    EXPECT_EQ(difference.before(), "") << difference.what();
  }
}

TEST(Changes, FromAContainerThatIsTakenOverAreWhatIsSeenOfIt) {
  ModelHost host;
  host.containers["old-shop"] = {
      .id = "1", .image = "web:hand", .running = true, .restart_policy = "always", .port = 8000};
  const auto state =
      Planned(MakeState({.ports = {"8000:80"}, .adopt = {{"web", "old-shop"}}}, kNow), host);
  const auto changes = ChangesOf(state);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind(), v1::AppChange::TAKEN_OVER);
  EXPECT_EQ(changes[0].old_container(), "old-shop");
  EXPECT_THAT(Shown(changes[0]), ElementsAre("container name: old-shop -> shop-web",
                                             "container ports: 8000:0 -> 8000:80",
                                             "container restart: always -> unless-stopped",
                                             "image: web:hand -> registry.test/web:new (d)"));
  EXPECT_THAT(PlanNotes(state), ElementsAre(HasSubstr("h1: the container old-shop, which was not "
                                                      "started by Davit, is taken over")));
}

// What somebody has given a container that was started by hand.
worker::v1::ObservedSettings SettingsByHand() {
  worker::v1::ObservedSettings settings;
  settings.add_env_names("API");
  settings.add_env_names("DB_PASS");
  const auto mount = [&](const std::string& source, const std::string& target) {
    settings.add_mounts()->set_source(source);
    settings.mutable_mounts()->rbegin()->set_target(target);
  };
  mount("/srv/.env", "/app/.env");
  mount("/tmp/x", "/data");
  settings.add_networks("back");
  settings.add_networks("front");
  settings.set_user("1000");
  settings.add_command("serve");
  settings.set_memory_limit_bytes(1 << 20);
  return settings;
}

TEST(Changes, FromAContainerThatIsTakenOverSayWhatTheReleaseWillNotHave) {
  ModelHost host;
  host.containers["shop-web"] = {.id = "1",
                                 .image = "web:hand",
                                 .running = true,
                                 .restart_policy = "unless-stopped",
                                 .settings = SettingsByHand()};
  DeploymentState state = MakeState({.networks = {"back"}, .files = true}, kNow);
  WebOf(state).mutable_container()->set_user("0");
  state = Planned(state, host);
  const auto changes = ChangesOf(state);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_THAT(Shown(changes[0]),
              ElementsAre("container command: serve -> ", "container mem_limit: 1048576 bytes -> ",
                          "container user: 1000 -> 0", "env API: set -> https://api.test",
                          "env DB_PASS: set -> ", "image: web:hand -> registry.test/web:new (d)",
                          "network front: joined -> ",
                          "volume /app/.env: /srv/.env -> a file of the release",
                          "volume /data: /tmp/x -> "));
  EXPECT_THAT(
      PlanNotes(state),
      ElementsAre(HasSubstr("is taken over"),
                  "h1: web v1 will not have 5 settings of the container shop-web: container "
                  "command, container mem_limit, env DB_PASS, network front, volume /data; "
                  "declare in davit.yaml what it needs"));
}

TEST(Changes, FromAContainerThatLacksNothingNeedNoMoreNotes) {
  ModelHost host;
  host.containers["shop-web"] = {.id = "1", .image = "web:hand", .running = true};
  EXPECT_THAT(PlanNotes(Planned(MakeState({.networks = {"back"}}, kNow), host)),
              ElementsAre(HasSubstr("is taken over")));
}

TEST(Survey, AsksForTheSettingsOfWhatMayBeTakenOver) {
  const DeploymentState state =
      Planned(MakeState({.apps = {"web", "api"}, .adopt = {{"web", "old-shop"}}}, kNow));
  EXPECT_THAT(state.steps.at(0).spec().observe().settings_of(),
              ElementsAre("old-shop", "shop-api", "shop-web"));
}

TEST(PlanNotes, SayWhatIsLiveAndDoesNotRun) {
  const TestDeployment deployment = {.hosts = {"h1", "h2"}, .previous = {{"web", 3}}};
  ModelHost host;
  EXPECT_THAT(PlanNotes(Planned(MakeState(deployment, kNow), host)),
              ElementsAre("h1, h2: web v3, the live release, is not running (it has no container): "
                          "a rollback cannot bring it back into service"));
  // In the name of then, as the app has another one now.
  NewDeploymentArgs renamed = TestArgs(deployment);
  renamed.history.at("web").live->mutable_container()->set_service_name("shop-old");
  host.containers["shop-old"] = OursOf("web", 3);
  EXPECT_THAT(PlanNotes(Planned(*NewDeployment(renamed, kNow), host)), IsEmpty());
  host.containers.erase("shop-old");
  host.containers["shop-web"] = OursOf("web", 3);
  host.containers["shop-web"].running = false;
  const DeploymentState state = Planned(MakeState(deployment, kNow), host);
  EXPECT_THAT(PlanNotes(state), ElementsAre(HasSubstr("is not running (exited)")));
  const auto warnings = PlanWarnings(state);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[1].host, "h2");
  EXPECT_TRUE(IsFailure(warnings[1].status, v1::CONTAINER_EXITED));
  host.containers["shop-web"].running = true;
  const DeploymentState serving = Planned(MakeState(deployment, kNow), host);
  EXPECT_THAT(PlanNotes(serving), IsEmpty());
  EXPECT_THAT(PlanWarnings(serving), IsEmpty());
}

TEST(Changes, FromAReleaseThatTheRecordsHaveLostAreWhatIsSeenOfIt) {
  ModelHost host;
  host.containers["shop-web"] = OursOf("web", 7);
  const auto changes = ChangesOf(Planned(MakeState({}, kNow), host));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind(), v1::AppChange::REPLACED);
  EXPECT_EQ(changes[0].old_release(), 7);
  EXPECT_THAT(Shown(changes[0]), ElementsAre("image: registry.test/web@sha256:old -> "
                                             "registry.test/web:new (d)"));
}

TEST(Release, NamesItsImageInEveryRepositoryThatIsKnownToHaveIt) {
  const DeploymentState state = Planned(MakeState({.built = {{"web", true}}}, kNow));
  const v1::Release& release = state.record.view().releases(0);
  EXPECT_THAT(release.image_digests(), ElementsAre(HasSubstr("mirror.test/web@sha256:a"),
                                                   HasSubstr("registry.test/web@sha256:b")));
  EXPECT_THAT(release.image_digest(), HasSubstr("registry.test/web@"));
}

TEST(RollbackForeseen, IsWhatARollbackDoesInItsOrder) {
  const TestDeployment deployment = {
      .hosts = {"h1", "h2"}, .previous = {{"web", 3}}, .files = true};
  ModelHost host;
  host.containers["shop-web"] = OursOf("web", 3);
  EXPECT_THAT(RollbackForeseen(Planned(MakeState(deployment, kNow), host)),
              ElementsAre("h1, h2: take the restart policy back from web v4",
                          "h1, h2: take the name back from web v4", "h1, h2: remove web v4",
                          "h1, h2: put web v3 back", "h1, h2: check health of web v3",
                          "h1, h2: remove the files of web v4"));
}

TEST(RollbackForeseen, SaysThatAMigrationStays) {
  const TestDeployment deployment = {.databases = {{"main", {"web"}}},
                                     .migrations = {{"main", {.app = "web"}}}};
  EXPECT_THAT(RollbackForeseen(Planned(MakeState(deployment, kNow))),
              Contains(HasSubstr("database main stays migrated")));
}

TEST(RollbackForeseen, SaysWhenNobodyPutsAnythingBack) {
  EXPECT_THAT(RollbackForeseen(Planned(MakeState({.automatic = false}, kNow))),
              ElementsAre(HasSubstr("rollback.automatic is off for web")));
}

TEST(PlanProblems, AreToldOfEveryAppAndHost) {
  ModelHost host;
  host.containers["hand"] = {.id = "1", .running = true, .port = 8000};
  const auto state = Planned(
      MakeState({.hosts = {"h1", "h2"}, .ports = {"8000:80"}, .check_only = true}, kNow), host);
  const auto problems = PlanProblems(state);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].host, "h1");
  EXPECT_EQ(problems[1].app, "web");
}

}  // namespace
}  // namespace davit::core
