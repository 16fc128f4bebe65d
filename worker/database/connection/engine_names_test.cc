#include "worker/database/connection/engine_names.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "tests/support/docker.h"
#include "tests/support/unique.h"

namespace davit::database {
namespace {

TEST(EngineNames, FindsAContainerByNameAndAliasInItsNetworkAlone) {
  docker::Engine& engine = test::TestEngine();
  const std::string network = test::UniqueName("davit-names");
  const test::ScopedImage image(test::UniqueName("davit-names") + ":1");
  const test::ScopedContainer container(test::UniqueName("davit-names-db"));
  ASSERT_TRUE(test::ImportBusyboxImage(image.reference(), {"sleep", "600"}).ok());
  ASSERT_TRUE(engine.CreateNetwork(network, {}, test::TestCall()).ok());
  worker::v1::ContainerSpec spec;
  spec.set_image(image.reference());
  spec.add_networks(network);
  spec.add_network_aliases("shop-db");
  EXPECT_TRUE(engine.CreateContainer(container.name(), spec, "no", test::TestCall()).ok());
  EXPECT_TRUE(engine.StartContainer(container.name(), test::TestCall()).ok());

  const auto details = engine.InspectContainer(container.name(), test::TestCall());
  ASSERT_TRUE(details.ok() && !details->addresses.empty()) << details.status();
  EngineNames names(test::DockerSocket());
  for (const std::string& name : {container.name(), std::string("shop-db")}) {
    const auto address = names.AddressIn(network, name, test::TestCall());
    EXPECT_EQ(address.value_or(address.status().ToString()), details->addresses.at(0)) << name;
  }
  EXPECT_EQ(names.AddressIn(network, "other", test::TestCall()).value_or("error"), "");
  EXPECT_EQ(names.AddressIn("no-such-network", "shop-db", test::TestCall()).value_or("error"), "");

  EXPECT_TRUE(engine.RemoveContainer(container.name(), test::TestCall()).ok());
  EXPECT_TRUE(engine.RemoveNetwork(network, test::TestCall()).ok());
}

TEST(EngineNames, HasTheGatewayOfTheDefaultBridge) {
  EngineNames names(test::DockerSocket());
  const auto gateway = names.HostGateway(test::TestCall());
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  in_addr parsed;
  EXPECT_EQ(inet_pton(AF_INET, gateway->c_str(), &parsed), 1) << *gateway;
}

}  // namespace
}  // namespace davit::database
