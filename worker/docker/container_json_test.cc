#include "worker/docker/container_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::docker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Json Create(const worker::v1::ContainerSpec& spec) {
  const auto json = CreateContainerJson(spec, "no");
  EXPECT_TRUE(json.ok()) << json.status();
  return json.value_or(Json());
}

TEST(CreateContainerJson, LeavesTheImagesOwnCommandWhereNoneIsGiven) {
  const Json json = Create({});
  EXPECT_FALSE(json.contains("Cmd"));
  EXPECT_FALSE(json.contains("Entrypoint"));
  EXPECT_FALSE(json.contains("StopTimeout"));
  EXPECT_EQ(json["HostConfig"]["NetworkMode"], "default");
}

TEST(CreateContainerJson, CountsAHalfSecondOfGraceAsAWholeOne) {
  worker::v1::ContainerSpec spec;
  spec.mutable_stop_grace_period()->set_nanos(500'000'000);
  EXPECT_EQ(Create(spec)["StopTimeout"], 1);
}

TEST(CreateContainerJson, PublishesOnePortAtSeveralAddresses) {
  worker::v1::ContainerSpec spec;
  for (const char* address : {"10.0.0.1", "10.0.0.2"}) {
    auto* port = spec.add_ports();
    port->set_host_ip(address);
    port->set_host_port(53);
    port->set_container_port(5353);
    port->set_protocol("udp");
  }
  const Json json = Create(spec);
  EXPECT_THAT(json["HostConfig"]["PortBindings"]["5353/udp"], SizeIs(2));
  EXPECT_TRUE(json["ExposedPorts"].contains("5353/udp"));
}

TEST(CreateContainerJson, TellsDirectoriesFromVolumes) {
  worker::v1::ContainerSpec spec;
  spec.add_mounts()->set_source("/srv/data");
  spec.add_mounts()->set_source("data");
  const Json mounts = Create(spec)["HostConfig"]["Mounts"];
  EXPECT_EQ(mounts[0]["Type"], "bind");
  EXPECT_EQ(mounts[1]["Type"], "volume");
}

TEST(CreateContainerJson, GivesAliasesOnlyWhereDockerTakesThem) {
  worker::v1::ContainerSpec spec;
  spec.add_network_aliases("web");
  spec.add_networks("host");
  EXPECT_FALSE(Create(spec).contains("NetworkingConfig"));
  spec.set_networks(0, "backend");
  const Json json = Create(spec);
  EXPECT_EQ(json["NetworkingConfig"]["EndpointsConfig"]["backend"]["Aliases"], Json({"web"}));
  EXPECT_THAT(EndpointJson(spec, "bridge"), IsEmpty());
}

TEST(ContainerDetailsOf, TakesNullForEmpty) {
  const ContainerDetails details = ContainerDetailsOf(Json::parse(
      R"({"Id": "1", "Name": "/web", "State": null, "Config": {"Labels": null},
          "HostConfig": {"RestartPolicy": {"Name": ""}}, "NetworkSettings": {"Ports": null}})"));
  EXPECT_EQ(details.observed.name(), "web");
  EXPECT_EQ(details.observed.restart_policy(), "no");
  EXPECT_FALSE(details.observed.has_start_time());
  EXPECT_FALSE(details.observed.has_stop_timeout());
  EXPECT_EQ(details.finished_at, absl::InfinitePast());
}

TEST(ContainerDetailsOf, PutsAddressesOfIPv4First) {
  const ContainerDetails details = ContainerDetailsOf(Json::parse(
      R"({"NetworkSettings": {"Networks": {
            "a": {"IPAddress": "172.18.0.2", "GlobalIPv6Address": "fd00::2"},
            "b": {"IPAddress": "172.19.0.2", "GlobalIPv6Address": ""}}}})"));
  EXPECT_THAT(details.addresses, ElementsAre("172.18.0.2", "172.19.0.2", "fd00::2"));
}

TEST(ContainerDetailsOf, KnowsNoTimeBeforeTheFirstStart) {
  const ContainerDetails details = ContainerDetailsOf(Json::parse(
      R"({"State": {"StartedAt": "0001-01-01T00:00:00Z", "FinishedAt": "0001-01-01T00:00:00Z"}})"));
  EXPECT_FALSE(details.observed.has_start_time());
  EXPECT_EQ(details.finished_at, absl::InfinitePast());
}

TEST(ContainerSummaryOf, FindsTheHealthInTheText) {
  const auto health = [](const char* status) {
    return ContainerSummaryOf(Json{{"Id", "1"}, {"State", "running"}, {"Status", status}}).health;
  };
  EXPECT_EQ(health("Up 2 minutes (healthy)"), "(healthy)");
  EXPECT_EQ(health("Up 1 second (health: starting)"), "(health: starting)");
  EXPECT_EQ(health("Up 2 minutes"), "");
  EXPECT_EQ(health("Exited (137) 2 minutes ago"), "");
  EXPECT_LT(ContainerSummaryOf(Json{{"Id", "1"}}), ContainerSummaryOf(Json{{"Id", "2"}}));
}

TEST(ContainerDetailsOf, TellsADisabledHealthcheckFromARealOne) {
  const auto has_healthcheck = [](const char* test) {
    return ContainerDetailsOf(Json{{"Config", {{"Healthcheck", {{"Test", {test}}}}}}})
        .has_healthcheck;
  };
  EXPECT_TRUE(has_healthcheck("CMD"));
  EXPECT_FALSE(has_healthcheck("NONE"));
}

}  // namespace
}  // namespace davit::docker
