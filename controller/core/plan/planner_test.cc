#include "controller/core/plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/proto_time.h"
#include "controller/core/testing/test_deployment.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using worker::v1::StepSpec;

// A deployment whose survey has found `host` everywhere.
DeploymentState Surveyed(DeploymentState state, ModelHost host = {}) {
  state.steps = SurveySteps(state);
  for (StepRecord& step : state.steps) {
    *step.mutable_outputs() = host.Run(step.view().id(), step.spec()).outputs();
    step.mutable_view()->set_state(v1::STEP_SUCCEEDED);
  }
  return state;
}

DeploymentState WithApp(const TestDeployment& deployment,
                        const std::function<void(v1::App&)>& change) {
  NewDeploymentArgs args = TestArgs(deployment);
  for (const std::string& app : deployment.apps) {
    change((*args.request.mutable_spec()->mutable_apps())[app]);
  }
  return *NewDeployment(args, kNow);
}

// The first planned step of a kind.
StepRecord Find(const std::vector<StepRecord>& steps, StepSpec::KindCase kind) {
  for (const StepRecord& step : steps) {
    if (step.spec().kind_case() == kind) return step;
  }
  ADD_FAILURE() << "no such step";
  return {};
}

worker::v1::ContainerSpec ContainerOf(const DeploymentState& state) {
  const auto plan = MakePlan(state);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return Find(*plan, StepSpec::kStartContainer).spec().start_container().container();
}

std::string Bytes(const std::vector<StepRecord>& steps) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  for (const StepRecord& step : steps) step.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

TEST(Planner, MakesTheSamePlanOfTheSameInput) {
  const TestDeployment deployment = {.hosts = {"b", "a"}, .apps = {"web", "api"}};
  EXPECT_EQ(Bytes(*MakePlan(Surveyed(MakeState(deployment, kNow)))),
            Bytes(*MakePlan(Surveyed(MakeState(deployment, kNow)))));
}

TEST(Planner, TakesOverEveryPropertyOfTheContainer) {
  const auto container = ContainerOf(Surveyed(WithApp({}, [](v1::App& app) {
    v1::Container& c = *app.mutable_container();
    c.set_name("front");
    c.add_command("serve");
    c.add_entrypoint("/bin/app");
    c.set_user("1000:1000");
    c.set_hostname("front-1");
    c.set_init(true);
    c.add_tmpfs("/run:size=64m");
    c.add_tmpfs("/tmp");
    (*c.mutable_ulimits())["nofile"].set_hard(1024);
    (*c.mutable_ulimits())["core"].set_hard(9);
    (*c.mutable_ulimits())["core"].set_soft(3);
    c.add_cap_add("NET_ADMIN");
    c.add_cap_drop("ALL");
    c.set_read_only(true);
    c.mutable_logging()->set_driver("json-file");
    (*c.mutable_logging()->mutable_options())["max-size"] = "10m";
    (*c.mutable_labels())["team"] = "shop";
    c.add_ports("127.0.0.1:8000:80/tcp");
    c.add_networks("back");
    c.add_extra_hosts("db:10.0.0.1");
    v1::Volume& volume = *c.add_volumes();
    volume.set_source("/srv/data");
    volume.set_target("/data");
    volume.set_read_only(true);
    volume.set_owner("1000");
    volume.set_mode("0750");
    c.set_restart("on-failure:3");
    *c.mutable_stop_grace_period() = ToProto(absl::Seconds(25));
    c.set_mem_limit(1 << 20);
    c.set_cpus(1.5);
    (*app.mutable_env()->mutable_clear())["MODE"] = "prod";
  })));
  EXPECT_EQ(container.service_name(), "front");
  EXPECT_EQ(container.image(), "registry.test/web:new@sha256:d");
  EXPECT_THAT(container.command(), ElementsAre("serve"));
  EXPECT_THAT(container.entrypoint(), ElementsAre("/bin/app"));
  EXPECT_EQ(container.user(), "1000:1000");
  EXPECT_EQ(container.hostname(), "front-1");
  EXPECT_TRUE(container.init());
  EXPECT_THAT(container.tmpfs(), UnorderedElementsAre(Pair("/run", "size=64m"), Pair("/tmp", "")));
  ASSERT_EQ(container.ulimits_size(), 2);
  EXPECT_EQ(container.ulimits(0).name(), "core");
  EXPECT_EQ(container.ulimits(0).soft(), 3);
  EXPECT_EQ(container.ulimits(1).soft(), 1024);
  EXPECT_EQ(container.ulimits(1).hard(), 1024);
  EXPECT_THAT(container.cap_add(), ElementsAre("NET_ADMIN"));
  EXPECT_THAT(container.cap_drop(), ElementsAre("ALL"));
  EXPECT_TRUE(container.read_only());
  EXPECT_EQ(container.log_driver(), "json-file");
  EXPECT_THAT(container.log_options(), UnorderedElementsAre(Pair("max-size", "10m")));
  EXPECT_THAT(container.labels(),
              UnorderedElementsAre(Pair("team", "shop"), Pair("davit.project", "shop"),
                                   Pair("davit.environment", "dev"), Pair("davit.app", "web"),
                                   Pair("davit.release", "1"), Pair("davit.deployment", "d-1")));
  ASSERT_EQ(container.ports_size(), 1);
  EXPECT_EQ(container.ports(0).host_ip(), "127.0.0.1");
  EXPECT_EQ(container.ports(0).host_port(), 8000);
  EXPECT_EQ(container.ports(0).container_port(), 80);
  EXPECT_EQ(container.ports(0).protocol(), "tcp");
  EXPECT_THAT(container.networks(), ElementsAre("back"));
  EXPECT_THAT(container.network_aliases(), ElementsAre("front", "web"));
  EXPECT_THAT(container.extra_hosts(), ElementsAre("db:10.0.0.1"));
  ASSERT_EQ(container.mounts_size(), 1);
  EXPECT_EQ(container.mounts(0).source(), "/srv/data");
  EXPECT_EQ(container.mounts(0).target(), "/data");
  EXPECT_TRUE(container.mounts(0).read_only());
  EXPECT_EQ(container.mounts(0).owner(), "1000");
  EXPECT_EQ(container.mounts(0).mode(), "0750");
  EXPECT_EQ(container.restart_policy(), "on-failure:3");
  EXPECT_EQ(container.stop_grace_period().seconds(), 25);
  EXPECT_EQ(container.memory_limit_bytes(), 1 << 20);
  EXPECT_EQ(container.nano_cpus(), 1'500'000'000);
  EXPECT_THAT(container.env(), UnorderedElementsAre(Pair("MODE", "prod")));
}

TEST(Planner, FillsInWhatIsNotDeclared) {
  const auto container =
      ContainerOf(Surveyed(WithApp({}, [](v1::App& app) { app.mutable_container()->Clear(); })));
  EXPECT_EQ(container.service_name(), "shop-web");
  EXPECT_EQ(container.restart_policy(), "unless-stopped");
  EXPECT_EQ(container.stop_grace_period().seconds(), 10);
  EXPECT_EQ(container.network_aliases_size(), 0);
}

TEST(Planner, RefusesAPortThatIsNone) {
  const DeploymentState state =
      Surveyed(WithApp({}, [](v1::App& app) { app.mutable_container()->add_ports("eighty:80"); }));
  EXPECT_TRUE(IsFailure(MakePlan(state).status(), v1::SPEC_INVALID));
}

TEST(Planner, RefusesTwoAppsOfOneName) {
  const DeploymentState state = Surveyed(WithApp(
      {.apps = {"web", "api"}}, [](v1::App& app) { app.mutable_container()->set_name("same"); }));
  EXPECT_TRUE(IsFailure(MakePlan(state).status(), v1::SPEC_INVALID));
}

TEST(Planner, RefusesAnImageThatIsNowhere) {
  DeploymentState state = Surveyed(MakeState({}, kNow));
  state.steps.back().mutable_outputs()->mutable_image()->clear_digest();
  EXPECT_TRUE(IsFailure(MakePlan(state).status(), v1::IMAGE_NOT_FOUND));
}

TEST(Planner, RefusesASurveyThatIsNotComplete) {
  DeploymentState state = Surveyed(MakeState({}, kNow));
  state.steps.front().clear_outputs();
  EXPECT_TRUE(IsFailure(MakePlan(state).status(), v1::INTERNAL));
}

TEST(Planner, NamesALocalImageByItsIdOnEveryHost) {
  DeploymentState state = Surveyed(MakeState({.hosts = {"a", "b"}}, kNow));
  state.steps.back().mutable_outputs()->mutable_image()->clear_digest();
  state.steps.back().mutable_outputs()->mutable_image()->set_image_id("sha256:local");
  const auto plan = *MakePlan(state);
  EXPECT_EQ(Find(plan, StepSpec::kPullImage).spec().pull_image().image_id(), "sha256:local");
  EXPECT_EQ(ContainerOf(state).image(), "sha256:local");
}

TEST(Planner, PutsBackOursFromTheRecordOfTheReleaseThatServes) {
  const TestDeployment deployment = {.previous = {{"web", 3}}};
  ModelHost host;
  host.containers["shop-web"] = OursOf("web", 3);
  auto plan = *MakePlan(Surveyed(MakeState(deployment, kNow), host));
  const auto put_back = Find(plan, StepSpec::kStopContainer).inverse().put_back();
  EXPECT_EQ(put_back.record().image(), "registry.test/web@sha256:old");
  EXPECT_EQ(put_back.name(), "shop-web");
  EXPECT_EQ(put_back.restart_policy(), "unless-stopped");
  EXPECT_TRUE(put_back.was_running());

  host.containers["shop-web"] = OursOf("web", 2);  // not the one that is recorded as live
  plan = *MakePlan(Surveyed(MakeState(deployment, kNow), host));
  EXPECT_FALSE(Find(plan, StepSpec::kStopContainer).inverse().put_back().has_record());
}

TEST(Planner, LetsPreflightCountThePortsOfWhatIsReplacedAsFree) {
  ModelHost host;
  host.containers["shop-web"] = OursOf("web", 3);
  const auto plan = *MakePlan(Surveyed(MakeState({.previous = {{"web", 3}}}, kNow), host));
  EXPECT_THAT(Find(plan, StepSpec::kPreflight).spec().preflight().replaced_container_ids(),
              ElementsAre("old-web"));
}

TEST(Planner, TellsPreflightAllAppsThatAreDeclaredAlsoThoseThatAreNotDeployed) {
  NewDeploymentArgs args = TestArgs({.apps = {"api", "web"}});
  args.request.add_apps("web");
  const auto plan = *MakePlan(Surveyed(*NewDeployment(args, kNow), ModelHost()));
  EXPECT_THAT(Find(plan, StepSpec::kPreflight).spec().preflight().declared_apps(),
              ElementsAre("api", "web"));
}

TEST(Planner, KeepsTheImagesOfAsManyReleasesAsDeclared) {
  const auto plan = *MakePlan(Surveyed(
      MakeState({.previous = {{"web", 8}}, .kept = {{"web", {8, 7, 5}}}, .retain = 3}, kNow)));
  const worker::v1::Prune prune = Find(plan, StepSpec::kPrune).spec().prune();
  EXPECT_EQ(prune.keep_repository(), "davit.keep/shop/dev/web");
  EXPECT_THAT(prune.keep_tags(), ElementsAre("v9", "v8", "v7"));
  EXPECT_EQ(Find(plan, StepSpec::kPullImage).spec().pull_image().keep_tag(),
            "davit.keep/shop/dev/web:v9");
}

TEST(Planner, KeepsTheFilesOfTheReleasesWhoseImagesItKeeps) {
  const auto plan = *MakePlan(Surveyed(
      MakeState({.previous = {{"web", 8}}, .kept = {{"web", {8, 7, 5}}}, .retain = 3}, kNow)));
  const worker::v1::Prune prune = Find(plan, StepSpec::kPrune).spec().prune();
  EXPECT_EQ(prune.files_directory(), "shop/dev/web");
  EXPECT_THAT(prune.keep_releases(), ElementsAre(9, 8, 7));
}

TEST(Planner, GivesTheContainerItsFilesAndItsSecretsByVersion) {
  DeploymentState state = WithApp({.files = true}, [](v1::App& app) {
    (*app.mutable_env()->mutable_secret())["SECRET_KEY"] = "DEV_SECRET_KEY";
  });
  worker::v1::SecretUse& use = *state.record.add_secrets();
  use.set_name("DEV_SECRET_KEY");
  use.set_environment("dev");
  use.set_version(3);
  const auto container = ContainerOf(Surveyed(state));
  EXPECT_EQ(container.secret_env().at("SECRET_KEY").version(), 3);
  EXPECT_EQ(container.files_directory(), "shop/dev/web/1");
  ASSERT_EQ(container.files_size(), 2);
  EXPECT_EQ(container.files(0).name(), "0-.env");
  EXPECT_EQ(container.files(0).target(), "/app/.env");
  EXPECT_EQ(container.files(0).env_format(), "dotenv");
  EXPECT_EQ(container.files(0).mode(), "0400");
  EXPECT_EQ(container.files(1).name(), "1-env_config.js");
  EXPECT_EQ(container.files(1).content(), "API = {{API}}");
  EXPECT_EQ(container.files(1).owner(), "1000:1000");
}

TEST(Planner, RefusesASecretThatTheRecordLacks) {
  const DeploymentState state = Surveyed(WithApp({}, [](v1::App& app) {
    (*app.mutable_env()->mutable_secret())["SECRET_KEY"] = "SECRET_KEY";
  }));
  EXPECT_TRUE(IsFailure(MakePlan(state).status(), v1::SECRET_MISSING));
}

TEST(Planner, HasCheckRunInAContainerThatNobodyTakesForTheApps) {
  const DeploymentState state =
      Surveyed(WithApp({.networks = {"back"},
                        .directories = {"/srv/data"},
                        .files = true,
                        .checks = {"settings:warn"},
                        .ports = {"8000:80"}},
                       [](v1::App& app) {
                         (*app.mutable_container()->mutable_labels())["proxy"] = "yes";
                         (*app.mutable_env()->mutable_clear())["MODE"] = "prod";
                       }));
  const auto plan = *MakePlan(state);
  const StepRecord step = Find(plan, StepSpec::kRunOneOff);
  EXPECT_TRUE(step.warn_only());
  EXPECT_EQ(step.view().phase(), v1::PREPARE);
  const worker::v1::RunOneOff& run = step.spec().run_one_off();
  EXPECT_EQ(run.failure_code(), v1::CHECK_FAILED);
  EXPECT_EQ(run.title(), "check settings");
  EXPECT_EQ(run.timeout().seconds(), 180);
  const worker::v1::ContainerSpec& container = run.container();
  EXPECT_EQ(container.service_name(), absl::StrCat("davit-", step.view().id(), "-1"));
  EXPECT_THAT(container.command(), ElementsAre("check", "settings"));
  EXPECT_EQ(container.ports_size() + container.network_aliases_size(), 0);
  EXPECT_THAT(
      container.labels(),
      UnorderedElementsAre(Pair("davit.project", "shop"), Pair("davit.environment", "dev"),
                           Pair("davit.deployment", "d-1"), Pair("davit.step", step.view().id())));
  EXPECT_EQ(container.restart_policy(), "no");
  EXPECT_THAT(container.networks(), ElementsAre("back"));
  EXPECT_EQ(container.mounts(0).source(), "/srv/data");
  EXPECT_EQ(container.env().at("MODE"), "prod");
  EXPECT_EQ(container.files_size(), 2);
  EXPECT_EQ(container.files_directory(), "shop/dev/web/1");
}

// There is no policy to set, and no worker can tell setting `no` from taking a policy back.
TEST(Planner, LooksOnceMoreAtAContainerThatNothingWouldStartAgain) {
  const auto plan = *MakePlan(Surveyed(WithApp({}, [](v1::App& app) {
    app.mutable_container()->set_restart("no");
    v1::Healthcheck& check = *app.mutable_healthcheck();
    check.mutable_tcp()->set_port(8000);
    check.mutable_start_delay()->set_seconds(30);
    check.set_successes(5);
  })));
  std::vector<StepRecord> confirming;
  for (const StepRecord& step : plan) {
    if (step.view().phase() == v1::CONFIRM) confirming.push_back(step);
  }
  ASSERT_EQ(confirming.size(), 2u);
  EXPECT_EQ(confirming[0].view().title(), "check that web v1 still serves");
  const worker::v1::CheckHealth& look = confirming[0].spec().check_health();
  EXPECT_EQ(look.container(), "shop-web");
  EXPECT_EQ(look.healthcheck().tcp().port(), 8000);
  EXPECT_FALSE(look.healthcheck().has_start_delay()) << "it has started";
  EXPECT_EQ(look.healthcheck().successes(), 0) << "it was healthy for long enough";
  EXPECT_TRUE(confirming[1].spec().has_prune());
}

TEST(Planner, TakesNoContainerThatDavitItselfIsAtWorkIn) {
  for (const char* label : {"davit.step", "davit.builder", "davit.reader"}) {
    ModelHost host;
    host.containers["davit-test-1"] = {.id = "1", .running = true, .labels = {{label, "x"}}};
    const DeploymentState adopting = MakeState({.adopt = {{"web", "davit-test-1"}}}, kNow);
    const auto plan = MakePlan(Surveyed(adopting, host));
    EXPECT_TRUE(IsFailure(plan.status(), v1::NAME_IN_USE)) << label << ": " << plan.status();
    const DeploymentState named =
        WithApp({}, [](v1::App& app) { app.mutable_container()->set_name("davit-test-1"); });
    EXPECT_TRUE(IsFailure(MakePlan(Surveyed(named, host)).status(), v1::NAME_IN_USE)) << label;
  }
}

TEST(Planner, SaysHowToLogInWhereImagesAreLookedUpAndPulled) {
  DeploymentState state = MakeState({}, kNow);
  auto& registries = *state.record.mutable_request()->mutable_spec()->mutable_registries();
  registries["own"].set_server("registry.test");
  registries["own"].mutable_username()->set_value("ada");
  registries["own"].mutable_password()->set_secret("TOKEN");
  registries["a-docr"].set_server("registry.digitalocean.com");
  registries["a-docr"].mutable_username()->set_secret("TOKEN");
  registries["a-docr"].mutable_password()->set_secret("TOKEN");
  registries["unset"].mutable_password()->set_secret("UNSET");
  worker::v1::SecretUse& use = *state.record.add_secrets();
  use.set_name("TOKEN");
  use.set_version(2);
  state = Surveyed(state);
  const auto& resolve = state.steps.back().spec().resolve_image();
  const auto plan = *MakePlan(state);
  const StepRecord pull = Find(plan, StepSpec::kPullImage);
  for (const auto& logins : {resolve.logins(), pull.spec().pull_image().logins()}) {
    ASSERT_EQ(logins.size(), 2);
    EXPECT_EQ(logins[0].server(), "registry.digitalocean.com");
    EXPECT_EQ(logins[0].username_secret().name(), "TOKEN");
    EXPECT_EQ(logins[1].username(), "ada");
    EXPECT_EQ(logins[1].password().version(), 2);
  }
}

TEST(Planner, TakesWhatWasBuiltByItsDigestWhateverItsTagMeansNow) {
  const DeploymentState state = Surveyed(MakeState({.built = {{"web", true}}}, kNow));
  const std::string digest = absl::StrCat("registry.test/web@sha256:", std::string(64, 'b'));
  EXPECT_EQ(state.steps.back().spec().resolve_image().reference(), digest);
  EXPECT_EQ(ContainerOf(state).image(), digest);
  EXPECT_EQ(state.record.view().releases(0).image_reference(), "registry.test/web:built");
}

TEST(Planner, TakesWhatWasBuiltAndNotPushedByItsIdFromTheHostAlone) {
  const DeploymentState state = Surveyed(MakeState({.built = {{"web", false}}}, kNow));
  const auto& resolve = state.steps.back().spec().resolve_image();
  EXPECT_EQ(resolve.image_id(), "sha256:built");
  EXPECT_EQ(resolve.pull_policy(), "never");
  EXPECT_EQ(ContainerOf(state).image(), "sha256:built");
}

TEST(Planner, WritesTheFilesOfACheckWhereNoDeploymentHasAnyAndKeepsNoImage) {
  const auto plan = *MakePlan(Surveyed(MakeState({.files = true, .check_only = true}, kNow)));
  EXPECT_EQ(Find(plan, StepSpec::kWriteFiles).spec().write_files().container().files_directory(),
            "shop/dev/web/d-1");
  EXPECT_EQ(Find(plan, StepSpec::kPullImage).spec().pull_image().keep_tag(), "");
  for (const StepRecord& step : plan) EXPECT_EQ(step.view().phase(), v1::PREPARE);
}

TEST(Planner, MakesNothingForACheckThatRunsNothing) {
  const auto makes = [](const TestDeployment& deployment) {
    const auto plan = *MakePlan(Surveyed(MakeState(deployment, kNow)));
    return std::any_of(plan.begin(), plan.end(),
                       [](const StepRecord& step) { return step.spec().has_create_resources(); });
  };
  TestDeployment deployment = {.networks = {"back"}, .check_only = true};
  EXPECT_FALSE(makes(deployment));
  deployment.checks = {"settings"};
  EXPECT_TRUE(makes(deployment));
  deployment.checks = {};
  deployment.check_only = false;
  EXPECT_TRUE(makes(deployment));
}

TEST(Planner, ReplacesAsManyHostsAtATimeAsTheMostCarefulAppAllows) {
  DeploymentState state = MakeState({.hosts = {"a", "b", "c"}, .apps = {"web", "api"}}, kNow);
  auto& apps = *state.record.mutable_request()->mutable_spec()->mutable_apps();
  apps["web"].mutable_strategy()->set_batch(3);
  apps["api"].mutable_strategy()->set_batch(2);
  std::map<int, std::set<std::string>> batches;
  const auto plan = *MakePlan(Surveyed(state));
  for (const StepRecord& step : plan) {
    if (!step.spec().has_start_container()) continue;
    batches[step.view().wave()].insert(step.view().host());
  }
  EXPECT_THAT(batches, ElementsAre(Pair(2, ElementsAre("a", "b")), Pair(3, ElementsAre("c"))));
}

TEST(Planner, HasItsWavesInOrder) {
  const auto plan = *MakePlan(Surveyed(MakeState({.hosts = {"a", "b"}}, kNow)));
  int wave = 1;
  for (const StepRecord& step : plan) {
    EXPECT_GE(step.view().wave(), wave);
    wave = step.view().wave();
  }
  EXPECT_EQ(wave, 5);
}

TEST(Planner, ShowsInEveryStepWhatItWaitsFor) {
  const DeploymentState state = Surveyed(MakeState({.hosts = {"a", "b"}}, kNow));
  const auto plan = *MakePlan(state);
  for (size_t i = 0; i < plan.size(); ++i) {
    ASSERT_EQ(plan[i].after_size(), plan[i].view().after_size());
    for (int k = 0; k < plan[i].after_size(); ++k) {
      EXPECT_LT(plan[i].after(k), static_cast<int>(state.steps.size() + i));
      EXPECT_EQ(plan[i].view().after(k), plan[plan[i].after(k) - state.steps.size()].view().id());
    }
  }
}

TEST(Planner, StaysSmallForAThousandHosts) {
  TestDeployment deployment = {.hosts = {}, .apps = {"a", "b"}, .batch = 1000};
  for (int i = 0; i < 1000; ++i) deployment.hosts.push_back(absl::StrCat("h", i));
  const auto plan = *MakePlan(Surveyed(MakeState(deployment, kNow)));
  size_t edges = 0;
  for (const StepRecord& step : plan) edges += step.after_size();
  EXPECT_LT(plan.size(), 15'000u);
  EXPECT_LE(edges, plan.size());
}

}  // namespace
}  // namespace davit::core
