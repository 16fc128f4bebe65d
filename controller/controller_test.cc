#include "controller/controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "davit/v1/host_service.grpc.pb.h"
#include "davit/v1/secret_service.grpc.pb.h"
#include "tests/support/temp_dir.h"

namespace davit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ControllerTest : public ::testing::Test {
 protected:
  ControllerOptions Options() {
    ControllerOptions options;
    options.state_directory = directory_.File("state");
    options.connect =
        [](const std::string&,
           const std::string& address) -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
      const auto parsed = ParseAddress(address);
      if (!parsed.ok()) return parsed.status();
      return MakeChannel(*parsed);
    };
    return options;
  }

  // What its clients see of the hosts.
  std::vector<v1::Host> HostsOf(Controller& controller) {
    const Address address = UnixAddress(directory_.File("socket"));
    auto server = Server::Start({.listen = {address}, .services = controller.services()});
    EXPECT_TRUE(server.ok()) << server.status();
    auto stub = v1::HostService::NewStub(MakeChannel(address));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::ListHostsResponse response;
    const grpc::Status status = stub->ListHosts(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    (*server)->Shutdown(absl::Now());
    return {response.hosts().begin(), response.hosts().end()};
  }

  void PutHost(Controller& controller, const std::string& name, const std::string& address) {
    state::v1::HostRecord host;
    host.set_name(name);
    host.set_address(address);
    ASSERT_TRUE(controller.store().Update([&](store::Txn& txn) { return txn.PutHost(host); }).ok());
  }

  test::TempDir directory_;
};

std::vector<std::string> Names(const std::vector<v1::Host>& hosts) {
  std::vector<std::string> names;
  for (const v1::Host& host : hosts) names.push_back(host.name());
  return names;
}

TEST_F(ControllerTest, MakesItsDirectoryForItsOwnerAlone) {
  const auto controller = Controller::Start(Options());
  ASSERT_TRUE(controller.ok()) << controller.status();
  struct stat status {};
  ASSERT_EQ(stat(directory_.File("state").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_FALSE((*controller)->Busy());
}

TEST_F(ControllerTest, TakesADirectoryThatIsNamedFromWhereItIs) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(directory_.path());
  ControllerOptions options = Options();
  options.state_directory = "state";
  const auto controller = Controller::Start(std::move(options));
  std::filesystem::current_path(before);
  EXPECT_TRUE(controller.ok()) << controller.status();
  EXPECT_TRUE(std::filesystem::exists(directory_.File("state/controller.db")));
}

TEST_F(ControllerTest, OneDirectoryIsForOneController) {
  auto first = Controller::Start(Options());
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = Controller::Start(Options()).status();
  EXPECT_TRUE(absl::IsAlreadyExists(second)) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr(directory_.File("state")));
  first->reset();
  EXPECT_TRUE(Controller::Start(Options()).ok());
}

TEST_F(ControllerTest, DialsTheHostsOfItsRecordsWhenItStarts) {
  {
    const auto controller = Controller::Start(Options());
    ASSERT_TRUE(controller.ok()) << controller.status();
    PutHost(**controller, "web1", "unix:" + directory_.File("web1"));
    PutHost(**controller, "web2", "neither socket nor port");
  }
  const auto controller = Controller::Start(Options());
  ASSERT_TRUE(controller.ok()) << controller.status();
  const std::vector<v1::Host> hosts = HostsOf(**controller);
  ASSERT_THAT(Names(hosts), ElementsAre("web1", "web2"));
  EXPECT_NE(hosts[0].state(), v1::Host::ONLINE);
  EXPECT_EQ(hosts[1].state(), v1::Host::AWAY) << "it cannot even be dialled";
  EXPECT_THAT(hosts[1].problem().evidence(0), HasSubstr("neither socket nor port"));
}

TEST_F(ControllerTest, HasItsFixedHostsWithoutRecordsOfThem) {
  ControllerOptions options = Options();
  options.fixed_hosts = {{"local", "unix:/worker.sock"}};
  options.watch_hosts = false;
  const auto controller = Controller::Start(std::move(options));
  ASSERT_TRUE(controller.ok()) << controller.status();
  const std::vector<v1::Host> hosts = HostsOf(**controller);
  ASSERT_THAT(Names(hosts), ElementsAre("local"));
  EXPECT_EQ(hosts[0].address(), "unix:/worker.sock");
}

class ControllerWithSecrets : public ControllerTest {
 protected:
  absl::Status Set(Controller& controller) {
    const Address address = UnixAddress(directory_.File("socket"));
    auto server = Server::Start({.listen = {address}, .services = controller.services()});
    if (!server.ok()) return server.status();
    auto stub = v1::SecretService::NewStub(MakeChannel(address));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::SetSecretRequest request;
    request.set_project("shop");
    request.set_name("KEY");
    request.set_value("value");
    v1::SetSecretResponse response;
    const grpc::Status status = stub->SetSecret(&context, request, &response);
    (*server)->Shutdown(absl::Now());
    return FromGrpcStatus(status);
  }
  // A deployment that goes on and uses the secret.
  static void PutDeployment(Controller& controller) {
    state::v1::DeploymentRecord record;
    record.mutable_view()->set_id("d-1");
    record.mutable_view()->set_state(v1::RUNNING);
    record.add_secrets()->set_name("KEY");
    ASSERT_TRUE(
        controller.store().Update([&](store::Txn& txn) { return txn.PutDeployment(record); }).ok());
  }

  const std::string key_file_ = directory_.File("state/secrets.key");
};

TEST_F(ControllerWithSecrets, KeepsTheirKeyWhereItIsTold) {
  ControllerOptions options = Options();
  options.key_file = directory_.File("another.key");
  {
    const auto controller = Controller::Start(Options());
    ASSERT_TRUE(controller.ok()) << controller.status();
    EXPECT_FALSE(std::filesystem::exists(key_file_)) << "nothing was sealed yet";
  }
  const auto controller = Controller::Start(std::move(options));
  ASSERT_TRUE(controller.ok()) << controller.status();
  EXPECT_TRUE(Set(**controller).ok());
  EXPECT_TRUE(std::filesystem::exists(directory_.File("another.key")));
  EXPECT_FALSE(std::filesystem::exists(key_file_));
}

TEST_F(ControllerWithSecrets, ServesWithoutTheirKeyUnlessADeploymentNeedsIt) {
  {
    const auto controller = Controller::Start(Options());
    ASSERT_TRUE(controller.ok()) << controller.status();
    ASSERT_TRUE(Set(**controller).ok());
  }
  std::filesystem::remove(key_file_);
  {
    const auto controller = Controller::Start(Options());
    ASSERT_TRUE(controller.ok()) << controller.status();
    EXPECT_TRUE(IsFailure(Set(**controller), v1::SECRET_KEY_UNUSABLE));
    PutDeployment(**controller);
  }
  const absl::Status refused = Controller::Start(Options()).status();
  EXPECT_TRUE(IsFailure(refused, v1::SECRET_KEY_UNUSABLE)) << refused;
}

}  // namespace
}  // namespace davit
