#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/let_go_on.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unique.h"
#include "worker/docker/engine.h"
#include "worker/docker/engine_test_fixture.h"

namespace davit::docker {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(EngineTest, TellsItsVersionAndPlatform) {
  const auto info = engine_.Info(test::TestCall());
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_THAT(info->id, Not(IsEmpty()));
  EXPECT_THAT(info->version, HasSubstr("."));
  EXPECT_EQ(info->os, "linux");
  EXPECT_THAT(info->architecture, AnyOf("amd64", "arm64"));
  EXPECT_EQ(info->data_root.substr(0, 1), "/");
  EXPECT_THAT(info->operating_system, Not(IsEmpty()));
  EXPECT_GT(info->cpus, 0);
  EXPECT_GT(info->memory_bytes, 1 << 20);
}

TEST_F(EngineTest, ListsWhatHasALabelWhateverItsValue) {
  worker::v1::ContainerSpec spec = Spec({"/bin/sleep", "100"});
  (*spec.mutable_labels())[label_] = "one";
  const std::string running = Run(spec);
  (*spec.mutable_labels())[label_] = "two";
  const std::string created = Create(spec);
  Create(Spec({"/bin/sleep", "100"}));
  const auto list = engine_.ListSummaries(label_, test::TestCall());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(
      *list, UnorderedElementsAre(ContainerSummary{Inspect(running).observed.id(), "running", ""},
                                  ContainerSummary{Inspect(created).observed.id(), "created", ""}));
}

// Every setting but the port.
worker::v1::ContainerSpec FullSpec(worker::v1::ContainerSpec spec, const std::string& directory) {
  spec.set_hostname("boat");
  spec.set_user("1000:1000");
  spec.set_init(true);
  spec.set_read_only(true);
  spec.set_memory_limit_bytes(64 << 20);
  spec.set_nano_cpus(500'000'000);
  spec.add_cap_add("NET_ADMIN");
  spec.add_cap_drop("CHOWN");
  spec.add_extra_hosts("db:10.1.2.3");
  spec.set_log_driver("json-file");
  (*spec.mutable_log_options())["max-size"] = "1m";
  (*spec.mutable_tmpfs())["/scratch"] = "size=1m";
  (*spec.mutable_env())["GREETING"] = "ahoy";
  spec.mutable_stop_grace_period()->set_seconds(3);
  auto* limit = spec.add_ulimits();
  limit->set_name("nofile");
  limit->set_soft(100);
  limit->set_hard(200);
  auto* mount = spec.add_mounts();
  mount->set_source(directory);
  mount->set_target("/data");
  mount->set_read_only(true);
  return spec;
}

TEST_F(EngineTest, GivesTheContainerAllThatTheSpecificationSays) {
  const test::TempDir directory;
  const std::string name = Run(FullSpec(Spec({"/bin/sleep", "100"}), directory.path()));
  const Json json = RawInspect(name);
  EXPECT_EQ(json["Config"]["Hostname"], "boat");
  EXPECT_EQ(json["Config"]["User"], "1000:1000");
  EXPECT_EQ(json["Config"]["Env"], Json({"GREETING=ahoy"}));
  const Json& host = json["HostConfig"];
  EXPECT_EQ(host["Init"], true);
  EXPECT_EQ(host["ReadonlyRootfs"], true);
  EXPECT_EQ(host["Memory"], 64 << 20);
  EXPECT_EQ(host["NanoCpus"], 500'000'000);
  EXPECT_EQ(host["CapAdd"], Json({"NET_ADMIN"}));
  EXPECT_EQ(host["CapDrop"], Json({"CHOWN"}));
  EXPECT_EQ(host["ExtraHosts"], Json({"db:10.1.2.3"}));
  EXPECT_EQ(host["Tmpfs"], (Json{{"/scratch", "size=1m"}}));
  EXPECT_EQ(host["LogConfig"], (Json{{"Type", "json-file"}, {"Config", {{"max-size", "1m"}}}}));
  EXPECT_EQ(host["Ulimits"][0], (Json{{"Name", "nofile"}, {"Soft", 100}, {"Hard", 200}}));
  EXPECT_EQ(json["Mounts"][0]["Source"], directory.path());
  EXPECT_EQ(json["Mounts"][0]["Destination"], "/data");
  EXPECT_EQ(json["Mounts"][0]["RW"], false);
}

TEST_F(EngineTest, SeesWhatAContainerIs) {
  auto spec = FullSpec(Spec({"/bin/sleep", "100"}), "/tmp");
  const int host_port = test::FreePort();
  auto* port = spec.add_ports();
  port->set_host_ip("127.0.0.1");
  port->set_host_port(host_port);
  port->set_container_port(80);
  const std::string name = Run(spec, "on-failure:3");
  const ContainerDetails details = Inspect(name);
  EXPECT_EQ(details.observed.name(), name);
  EXPECT_EQ(details.observed.image_id(), image_id_);
  EXPECT_EQ(details.observed.image_reference(), image_);
  EXPECT_EQ(details.observed.state(), "running");
  EXPECT_EQ(details.observed.restart_policy(), "on-failure:3");
  EXPECT_EQ(details.observed.stop_timeout().seconds(), 3);
  EXPECT_GT(details.observed.start_time().seconds(), 1'600'000'000);
  EXPECT_THAT(details.addresses, SizeIs(1));
  EXPECT_EQ(details.log_driver, "json-file");
  ASSERT_THAT(details.observed.ports(), SizeIs(1));
  EXPECT_EQ(details.observed.ports(0).host_ip(), "127.0.0.1");
  EXPECT_EQ(details.observed.ports(0).host_port(), host_port);
  EXPECT_EQ(details.observed.ports(0).container_port(), 80);
  EXPECT_EQ(details.observed.ports(0).protocol(), "tcp");
}

TEST_F(EngineTest, ShowsAPortOfAllAddressesOnce) {
  auto spec = Spec({"/bin/sleep", "100"});
  auto* port = spec.add_ports();
  port->set_container_port(80);
  const ContainerDetails details = Inspect(Run(spec));
  ASSERT_THAT(details.observed.ports(), SizeIs(1));
  EXPECT_EQ(details.observed.ports(0).host_ip(), "");
  EXPECT_GT(details.observed.ports(0).host_port(), 0);
}

TEST_F(EngineTest, ListsContainersWithALabelByName) {
  Create(Spec({"/bin/true"}), "no", Name("b"));
  Run(Spec({"/bin/sleep", "100"}), "no", Name("a"));
  const auto list = engine_.ListContainers({{"davit.test", label_}}, test::TestCall());
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_EQ((*list)[0].name(), Name("a"));
  EXPECT_EQ((*list)[0].state(), "running");
  EXPECT_EQ((*list)[1].name(), Name("b"));
  EXPECT_EQ((*list)[1].state(), "created");
  EXPECT_FALSE((*list)[1].has_start_time());
}

TEST_F(EngineTest, JoinsAllNetworksWithAliases) {
  const std::string first = MakeNetwork();
  const std::string second = MakeNetwork();
  auto spec = Spec(test::HttpdCommand());
  spec.add_networks(first);
  spec.add_networks(second);
  spec.add_network_aliases("web");
  EXPECT_THAT(Inspect(Run(spec)).addresses, SizeIs(2));
  for (const std::string& network : {first, second}) {
    auto other = Spec({"/bin/sleep", "100"});
    other.add_networks(network);
    const std::string name = Run(other);
    const std::string ask = "until wget -qO- http://web/health 2>/dev/null; do sleep 0.1; done";
    const auto answer = engine_.Exec(name, {"sh", "-c", ask}, test::TestCall());
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->output, "ok\n");
  }
}

TEST_F(EngineTest, LeavesNoContainerWhenALaterNetworkCannotBeJoined) {
  const std::string first = MakeNetwork();
  auto spec = Spec({"/bin/sleep", "100"});
  spec.add_networks(first);
  spec.add_networks("host");
  const std::string name = Name("c");
  const auto created = engine_.CreateContainer(name, spec, "no", test::TestCall());
  EXPECT_FALSE(created.ok());
  EXPECT_TRUE(
      IsFailure(engine_.InspectContainer(name, test::TestCall()).status(), v1::CONTAINER_GONE));
}

TEST_F(EngineTest, StartsStopsAndRemovesAgainWithoutComplaint) {
  const std::string name = Run(Spec({"/bin/sleep", "100"}));
  EXPECT_TRUE(engine_.StartContainer(name, test::TestCall()).ok());
  EXPECT_TRUE(engine_.StopContainer(name, absl::ZeroDuration(), test::TestCall()).ok());
  EXPECT_EQ(Inspect(name).observed.state(), "exited");
  EXPECT_TRUE(engine_.StopContainer(name, absl::ZeroDuration(), test::TestCall()).ok());
  EXPECT_TRUE(engine_.KillContainer(name, test::TestCall()).ok());
  EXPECT_TRUE(engine_.RemoveContainer(name, test::TestCall()).ok());
  EXPECT_TRUE(engine_.RemoveContainer(name, test::TestCall()).ok());
  EXPECT_TRUE(IsFailure(engine_.StartContainer(name, test::TestCall()), v1::CONTAINER_GONE));
  EXPECT_TRUE(IsFailure(engine_.KillContainer(name, test::TestCall()), v1::CONTAINER_GONE));
}

TEST_F(EngineTest, KillsAtOnce) {
  const std::string name = Run(Spec({"/bin/sleep", "100"}));
  EXPECT_TRUE(engine_.KillContainer(name, test::TestCall()).ok());
  ASSERT_TRUE(WaitForState(name, "exited"));
  EXPECT_EQ(Inspect(name).observed.exit_code(), 137);
}

TEST_F(EngineTest, RenamesAndChangesTheRestartPolicy) {
  const std::string name = Run(Spec({"/bin/sleep", "100"}));
  const std::string other = Name("renamed");
  ASSERT_TRUE(engine_.RenameContainer(name, other, test::TestCall()).ok());
  for (const std::string policy :
       {"always", "unless-stopped", "on-failure:7", "on-failure", "no"}) {
    ASSERT_TRUE(engine_.SetRestartPolicy(other, policy, test::TestCall()).ok());
    EXPECT_EQ(Inspect(other).observed.restart_policy(), policy);
  }
  EXPECT_TRUE(IsFailure(engine_.SetRestartPolicy(other, "sometimes", test::TestCall()),
                        v1::CONTAINER_REFUSED));
}

TEST_F(EngineTest, ReportsTheExitCode) {
  const std::string name = Run(Spec({"/bin/sh", "-c", "exit 7"}));
  ASSERT_TRUE(WaitForState(name, "exited"));
  const ContainerDetails details = Inspect(name);
  EXPECT_EQ(details.observed.exit_code(), 7);
  EXPECT_FALSE(details.oom_killed);
  EXPECT_GT(details.finished_at, absl::UnixEpoch());
}

TEST_F(EngineTest, ReportsHowItEndedBeforeItWasStartedAgain) {
  const std::string once = "if [ -e /seen ]; then sleep 60; fi; echo > /seen; exit 3";
  const std::string name = Run(Spec({"/bin/sh", "-c", once}), "always");
  ASSERT_TRUE(WaitFor(name, [](const ContainerDetails& details) {
    return details.restart_count > 0 && details.observed.state() == "running";
  }));
  const auto ended = engine_.InspectEnded(name, test::TestCall());
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->observed.exit_code(), 3);
}

TEST_F(EngineTest, ReportsThatTheKernelKilledItForMemory) {
  // tail keeps a line in memory until it ends, and this one never does.
  auto spec =
      Spec({"/bin/sh", "-c", test::WaitingScript("", "tr '\\0' x < /dev/zero | tail -n 1")});
  spec.set_memory_limit_bytes(16 << 20);
  const std::string name = Run(spec);
  test::LetGoOn(name);
  ASSERT_TRUE(WaitForState(name, "exited"));
  const auto ended = engine_.InspectEnded(name, test::TestCall());
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_TRUE(ended->oom_killed);
}

TEST_F(EngineTest, BlamesNoMemoryForAKillFromOutside) {
  const std::string name = Run(Spec({"/bin/sleep", "60"}));
  ASSERT_TRUE(engine_.KillContainer(name, test::TestCall()).ok());
  ASSERT_TRUE(WaitForState(name, "exited"));
  const auto ended = engine_.InspectEnded(name, test::TestCall());
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->observed.exit_code(), 137);
  EXPECT_FALSE(ended->oom_killed);
}

TEST_F(EngineTest, ShowsTheImagesHealthcheck) {
  const std::string reference = absl::StrCat(test::UniqueName("davit-test"), ":health");
  const test::ScopedImage image(reference);
  ASSERT_TRUE(
      test::ImportBusyboxImage(reference, {"/bin/sleep", "100"},
                               {{"HEALTHCHECK --interval=100ms CMD echo afloat", "USER app"}, {}})
          .ok());
  const auto details = engine_.InspectImage(reference, test::TestCall());
  ASSERT_TRUE(details.ok()) << details.status();
  EXPECT_TRUE(details->has_healthcheck);
  EXPECT_EQ(details->user, "app");
  worker::v1::ContainerSpec spec = Spec({});
  spec.set_image(reference);
  const test::ScopedContainer container(Run(spec));
  const std::string& name = container.name();
  ASSERT_TRUE(
      WaitFor(name, [](const ContainerDetails& c) { return c.observed.health() == "healthy"; }));
  EXPECT_TRUE(Inspect(name).has_healthcheck);
  EXPECT_EQ(Inspect(name).health_output, "afloat\n");
}

TEST_F(EngineTest, RunsACommandInAContainer) {
  const std::string name = Run(Spec({"/bin/sleep", "100"}));
  const auto result =
      engine_.Exec(name, {"sh", "-c", "echo out; echo err >&2; exit 3"}, test::TestCall());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_THAT(result->output, AnyOf("out\nerr\n", "err\nout\n"));
  const auto flood = engine_.Exec(name, {"seq", "1000000"}, test::TestCall());
  ASSERT_TRUE(flood.ok()) << flood.status();
  EXPECT_EQ(flood->output.size(), 16u << 10);
  EXPECT_EQ(flood->exit_code, 0);
}

TEST_F(EngineTest, SaysThatTheExecutedCommandDoesNotExist) {
  const std::string name = Run(Spec({"/bin/sleep", "100"}));
  const auto result = engine_.Exec(name, {"/no/such/command"}, test::TestCall());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NE(result->exit_code, 0);
  EXPECT_THAT(result->output, HasSubstr("no such file or directory"));
}

TEST_F(EngineTest, EndsAnExecAtTheDeadline) {
  const std::string name = Run(Spec({"/bin/sleep", "100"}));
  const auto result = engine_.Exec(name, {"sleep", "90"}, Call{}.Within(absl::Milliseconds(300)));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Inspect(name).observed.state(), "running") << "and not by the container's end";
}

TEST_F(EngineTest, MakesAndRemovesNetworksAndVolumes) {
  const std::string name = test::UniqueName("davit-test");
  const Call call = test::TestCall();
  ASSERT_TRUE(engine_.CreateNetwork(name, {{"davit.test", "1"}}, call).ok());
  EXPECT_THAT(*engine_.ListNetworks(call), IsSupersetOf({name, std::string("bridge")}));
  EXPECT_FALSE(engine_.CreateNetwork(name, {}, call).ok());
  EXPECT_TRUE(engine_.RemoveNetwork(name, call).ok());
  EXPECT_TRUE(engine_.RemoveNetwork(name, call).ok());
  EXPECT_THAT(*engine_.ListNetworks(call), Not(Contains(name)));

  EXPECT_FALSE(*engine_.VolumeExists(name, call));
  EXPECT_THAT(*engine_.CreateVolume(name, {{"who", "first"}}, call),
              ElementsAre(std::make_pair("who", "first")));
  EXPECT_THAT(*engine_.CreateVolume(name, {{"who", "second"}}, call),
              ElementsAre(std::make_pair("who", "first")));
  EXPECT_TRUE(*engine_.VolumeExists(name, call));
  EXPECT_TRUE(engine_.RemoveVolume(name, call).ok());
  EXPECT_TRUE(engine_.RemoveVolume(name, call).ok());
  EXPECT_FALSE(*engine_.VolumeExists(name, call));
}

TEST_F(EngineTest, RefusesAnEmptyName) {
  EXPECT_TRUE(IsFailure(engine_.RemoveContainer("", test::TestCall()), v1::INTERNAL));
  EXPECT_TRUE(IsFailure(engine_.RemoveNetwork("", test::TestCall()), v1::INTERNAL));
  EXPECT_TRUE(IsFailure(engine_.RemoveImage("", test::TestCall()), v1::INTERNAL));
}

}  // namespace
}  // namespace davit::docker
