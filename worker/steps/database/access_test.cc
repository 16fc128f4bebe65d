#include "worker/steps/database/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/cleanup/cleanup.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/unique.h"

namespace davit::steps {
namespace {

worker::v1::DatabaseAccess AccessWith(const std::string& network) {
  worker::v1::DatabaseAccess access;
  access.set_name("main");
  access.mutable_url()->set_name("DATABASE_URL");
  access.mutable_url()->set_version(1);
  access.add_networks(network);
  return access;
}

absl::StatusOr<StepDatabase> DatabaseAt(const worker::v1::DatabaseAccess& access,
                                        const std::string& url) {
  StepContext context;
  context.secrets["/DATABASE_URL@1"] = url;
  return StepDatabase::Of(access, WayIn::kApp, context, test::TestEngine());
}

TEST(StepDatabase, FindsTheContainerBehindItsAliasInTheAppsNetwork) {
  docker::Engine& engine = test::TestEngine();
  const std::string label = test::UniqueName("davit-access");
  const test::ScopedImage image(label + ":v1");
  const auto id = test::ImportBusyboxImage(image.reference(), {"/bin/sleep", "1000"});
  ASSERT_TRUE(id.ok()) << id.status();
  ASSERT_TRUE(engine.CreateNetwork(label, {}, test::TestCall()).ok());
  const auto remove_network =
      absl::MakeCleanup([&] { engine.RemoveNetwork(label, test::TestCall()).IgnoreError(); });
  const test::ScopedContainer container(label);
  worker::v1::ContainerSpec spec;
  spec.set_service_name(label);
  spec.set_image(*id);
  spec.add_networks(label);
  spec.add_network_aliases("db");
  ASSERT_TRUE(engine.CreateContainer(label, spec, "no", test::TestCall()).ok());
  ASSERT_TRUE(engine.StartContainer(label, test::TestCall()).ok());
  const auto running = engine.InspectContainer(label, test::TestCall());
  ASSERT_TRUE(running.ok()) << running.status();

  const auto database = DatabaseAt(AccessWith(label), "postgres://shop:hunter2@db/shop");
  ASSERT_TRUE(database.ok()) << database.status();
  const auto resolved = database->Resolve(test::TestCall());
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->hosts.front().name, "db");
  EXPECT_EQ(resolved->hosts.front().address, running->addresses.front());
}

TEST(StepDatabase, SaysThatTheUrlDidNotComeWithTheStep) {
  StepContext context;
  const auto database =
      StepDatabase::Of(AccessWith("shop"), WayIn::kAdmin, context, test::TestEngine());
  EXPECT_TRUE(IsFailure(database.status(), v1::INTERNAL)) << database.status();
}

TEST(StepDatabase, DoesNotTakeDockersSilenceForTheDatabases) {
  docker::Engine nowhere("/nonexistent/docker.sock");
  StepContext context;
  context.secrets["/DATABASE_URL@1"] = "postgres://db/shop";
  const auto database = StepDatabase::Of(AccessWith("shop"), WayIn::kApp, context, nowhere);
  ASSERT_TRUE(database.ok()) << database.status();
  const auto connection = database->Open({}, test::TestCall());
  EXPECT_TRUE(IsFailure(connection.status(), v1::DOCKER_UNREACHABLE)) << connection.status();
}

}  // namespace
}  // namespace davit::steps
