#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/listener.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unique.h"
#include "worker/docker/engine_test_fixture.h"

namespace davit::docker {
namespace {

using ::testing::HasSubstr;

std::string Evidence(const absl::Status& status) {
  return absl::StrJoin(FailureOf(status).evidence(), "\n");
}

class EngineFailuresTest : public EngineTest {
 protected:
  // What the engine says of the start of a container.
  absl::Status Start(const worker::v1::ContainerSpec& spec) {
    return engine_.StartContainer(Create(spec), test::TestCall());
  }

  static void Publish(worker::v1::ContainerSpec& spec, int host_port) {
    auto* port = spec.add_ports();
    port->set_host_port(host_port);
    port->set_container_port(80);
  }
};

TEST_F(EngineFailuresTest, NameTheCommandThatDoesNotExist) {
  const absl::Status absolute = Start(Spec({"/no/such/program"}));
  EXPECT_TRUE(IsFailure(absolute, v1::COMMAND_NOT_FOUND)) << absolute;
  EXPECT_THAT(absolute.message(), HasSubstr("The command /no/such/program of "));
  const absl::Status relative = Start(Spec({"no-such-program"}));
  EXPECT_TRUE(IsFailure(relative, v1::COMMAND_NOT_FOUND)) << relative;
}

TEST_F(EngineFailuresTest, NameTheCommandThatIsNotExecutable) {
  const absl::Status status = Start(Spec({"/etc/passwd"}));
  EXPECT_TRUE(IsFailure(status, v1::COMMAND_NOT_FOUND)) << status;
  EXPECT_THAT(FailureOf(status).likely_cause(), HasSubstr("execute bit"));
}

TEST_F(EngineFailuresTest, KeepTheStartErrorForLater) {
  const std::string name = Create(Spec({"/no/such/program"}));
  EXPECT_FALSE(engine_.StartContainer(name, test::TestCall()).ok());
  EXPECT_THAT(Inspect(name).error, HasSubstr("no such file or directory"));
  EXPECT_EQ(Inspect(name).observed.state(), "created");
}

TEST_F(EngineFailuresTest, NameThePortThatAContainerHas) {
  const int port = test::FreePort();
  auto spec = Spec({"/bin/sleep", "100"});
  Publish(spec, port);
  Run(spec);
  const absl::Status status = Start(spec);
  EXPECT_TRUE(IsFailure(status, v1::PORT_IN_USE)) << status;
  EXPECT_THAT(Evidence(status), HasSubstr(absl::StrCat("port ", port, "\n")));
}

TEST_F(EngineFailuresTest, NameThePortThatAnotherProgramHas) {
  const test::SilentListener listener;
  auto spec = Spec({"/bin/sleep", "100"});
  Publish(spec, listener.port());
  const absl::Status status = Start(spec);
  EXPECT_TRUE(IsFailure(status, v1::PORT_IN_USE)) << status;
  EXPECT_THAT(Evidence(status), HasSubstr(absl::StrCat("port ", listener.port(), "\n")));
}

TEST_F(EngineFailuresTest, NameWhoHoldsAName) {
  const std::string name = Create(Spec({"/bin/true"}));
  const std::string holder = Inspect(name).observed.id();
  const absl::Status created =
      engine_.CreateContainer(name, Spec({"/bin/true"}), "no", test::TestCall()).status();
  EXPECT_TRUE(IsFailure(created, v1::NAME_IN_USE)) << created;
  EXPECT_THAT(Evidence(created), HasSubstr(absl::StrCat("held by container ", holder)));
  const std::string other = Create(Spec({"/bin/true"}));
  const absl::Status renamed = engine_.RenameContainer(other, name, test::TestCall());
  EXPECT_TRUE(IsFailure(renamed, v1::NAME_IN_USE)) << renamed;
  EXPECT_THAT(renamed.message(), HasSubstr(name));
}

TEST_F(EngineFailuresTest, SayWhatDockerRefuses) {
  auto little_memory = Spec({"/bin/true"});
  little_memory.set_memory_limit_bytes(100);
  const absl::Status memory =
      engine_.CreateContainer(Name("m"), little_memory, "no", test::TestCall()).status();
  EXPECT_TRUE(IsFailure(memory, v1::CONTAINER_REFUSED)) << memory;
  EXPECT_THAT(Evidence(memory), HasSubstr("Minimum memory limit allowed is 6MB"));

  auto no_user = Spec({"/bin/true"});
  no_user.set_user("nobody-here");
  EXPECT_TRUE(IsFailure(Start(no_user), v1::CONTAINER_REFUSED));

  auto no_network = Spec({"/bin/true"});
  no_network.add_networks("no-such-network");
  const absl::Status network = Start(no_network);
  EXPECT_TRUE(IsFailure(network, v1::CONTAINER_REFUSED)) << network;
  EXPECT_THAT(network.message(), HasSubstr("no-such-network"));
}

TEST_F(EngineFailuresTest, SayThatAMountsDirectoryIsNotThere) {
  auto spec = Spec({"/bin/true"});
  auto* mount = spec.add_mounts();
  mount->set_source("/no/such/directory");
  mount->set_target("/data");
  const absl::Status status =
      engine_.CreateContainer(Name("v"), spec, "no", test::TestCall()).status();
  EXPECT_TRUE(IsFailure(status, v1::VOLUME_UNUSABLE)) << status;
}

TEST_F(EngineFailuresTest, SayThatTheHostLacksTheImage) {
  auto spec = Spec({"/bin/true"});
  spec.set_image("davit-test-none:v1");
  EXPECT_TRUE(IsFailure(engine_.CreateContainer(Name("i"), spec, "no", test::TestCall()).status(),
                        v1::IMAGE_NOT_FOUND));
  EXPECT_TRUE(IsFailure(engine_.InspectImage("davit-test-none:v1", test::TestCall()).status(),
                        v1::IMAGE_NOT_FOUND));
}

TEST_F(EngineFailuresTest, SayThatThereIsNoSocket) {
  const test::TempDir directory;
  Engine engine(directory.File("docker.sock"));
  const absl::Status status = engine.Info(test::TestCall()).status();
  EXPECT_TRUE(IsFailure(status, v1::DOCKER_UNREACHABLE)) << status;
  EXPECT_THAT(status.message(), HasSubstr("There is no Docker socket at"));
}

TEST_F(EngineFailuresTest, SayThatNobodyListensOnTheSocket) {
  const test::TempDir directory;
  { const test::SilentListener gone(directory.File("docker.sock")); }
  Engine engine(directory.File("docker.sock"));
  const absl::Status status = engine.Info(test::TestCall()).status();
  EXPECT_TRUE(IsFailure(status, v1::DOCKER_UNREACHABLE)) << status;
  EXPECT_THAT(status.message(), HasSubstr("Nothing listens"));
}

TEST_F(EngineFailuresTest, EndAtTheDeadlineWhenTheEngineIsSilent) {
  const test::TempDir directory;
  const test::SilentListener silent(directory.File("docker.sock"));
  Engine engine(directory.File("docker.sock"));
  const absl::Status status = engine.Info(Call{}.Within(absl::Milliseconds(200))).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

}  // namespace
}  // namespace davit::docker
