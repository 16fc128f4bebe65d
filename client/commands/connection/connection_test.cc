#include "client/commands/connection/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "client/commands/testing/test_program.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "common/tls/test_ca.h"

namespace davit::commands {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class OneDeployment final : public v1::DeploymentService::Service {
 public:
  grpc::Status ListDeployments(grpc::ServerContext*, const v1::ListDeploymentsRequest*,
                               v1::ListDeploymentsResponse* response) override {
    response->add_deployments()->set_id("d-1");
    return grpc::Status::OK;
  }
  grpc::Status WatchDeployment(grpc::ServerContext*, const v1::WatchDeploymentRequest*,
                               grpc::ServerWriter<v1::WatchDeploymentResponse>* writer) override {
    v1::WatchDeploymentResponse response;
    v1::Event* event = response.add_events();
    event->set_sequence(1);
    *event->mutable_deployment() = Ended();
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status GetDeployment(grpc::ServerContext*, const v1::GetDeploymentRequest* request,
                             v1::GetDeploymentResponse* response) override {
    if (request->id() == "d") {
      return ToGrpcStatus(
          FailureStatus(v1::SPEC_INVALID, "more than one deployment begins with d"));
    }
    *response->mutable_deployment() = Ended();
    return grpc::Status::OK;
  }

 private:
  static v1::Deployment Ended() {
    v1::Deployment deployment;
    deployment.set_id("d-1");
    deployment.set_state(v1::FAILED);
    deployment.mutable_failure()->set_code(v1::WRONG_STATE);
    deployment.mutable_failure()->set_next_command("davit history");
    return deployment;
  }
};

// A controller at a TCP port, with a certificate for "controller".
class ConnectionTest : public ProgramTest {
 protected:
  ConnectionTest() {
    Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
    auto server = Server::Start({.listen = {TcpAddress("127.0.0.1", 0)},
                                 .tls = ca_.Issue("controller"),
                                 .allow = {"ann"},
                                 .services = {&service_}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = ToText(server_->addresses()[0]);
    variables_["DAVIT_CONTROLLER"] = address_;
  }

  // A directory with the certificate of `name`.
  std::string Certificate(const std::string& name, const test::TestCa& ca) {
    const std::string directory = directory_ + "/" + name;
    std::filesystem::create_directories(directory);
    test::WriteTls(ca.Issue(name), directory);
    return directory;
  }

  test::TestCa ca_;
  OneDeployment service_;
  std::unique_ptr<Server> server_;
  std::string address_;
};

TEST_F(ConnectionTest, TakesAddressNameAndCertificateFromTheEnvironment) {
  variables_["DAVIT_CONTROLLER_NAME"] = "controller";
  variables_["DAVIT_TLS_DIR"] = Certificate("ann", ca_);
  EXPECT_EQ(Run({"history"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\nd-1 "));
}

TEST_F(ConnectionTest, TakesThemFromTheOptionsFirst) {
  variables_ = {{"DAVIT_CONTROLLER", "nowhere.invalid:1"},
                {"DAVIT_CONTROLLER_NAME", "another"},
                {"DAVIT_TLS_DIR", "/nonexistent"}};
  const std::string directory = Certificate("ann", ca_);
  EXPECT_EQ(Run({"history", "--controller", address_, "--controller-name", "controller",
                 "--tls-dir", directory}),
            0)
      << err_.str();
}

TEST_F(ConnectionTest, FindsTheCertificateInTheHomeDirectory) {
  variables_["DAVIT_CONTROLLER_NAME"] = "controller";
  variables_["HOME"] = directory_;
  EXPECT_EQ(Run({"history"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("SPEC_INVALID"), HasSubstr("--tls-dir DIR"),
                                HasSubstr("~/.config/davit/tls")));
  std::filesystem::create_directories(directory_ + "/.config/davit/tls");
  test::WriteTls(ca_.Issue("ann"), directory_ + "/.config/davit/tls");
  EXPECT_EQ(Run({"history"}), 0) << err_.str();
}

TEST_F(ConnectionTest, SaysWhatIsWrongWithACertificateBeforeItDials) {
  variables_["DAVIT_TLS_DIR"] = Certificate("ann", ca_);
  std::filesystem::remove(directory_ + "/ann/tls.key");
  EXPECT_EQ(Run({"history"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("/ann/tls.key"), HasSubstr("--tls-dir")));
}

TEST_F(ConnectionTest, SaysThatTheControllersCertificateIsForAnotherName) {
  variables_["DAVIT_TLS_DIR"] = Certificate("ann", ca_);
  EXPECT_EQ(Run({"history"}), 6);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("CONTROLLER_UNREACHABLE"), HasSubstr(address_),
                                HasSubstr("is for controller and not for"),
                                HasSubstr("add `--controller-name controller` ("),
                                Not(HasSubstr("last error:")), Not(HasSubstr("Likely:"))));
}

TEST_F(ConnectionTest, SaysThatTheControllerIsOfAnotherAuthority) {
  variables_["DAVIT_CONTROLLER_NAME"] = "controller";
  variables_["DAVIT_TLS_DIR"] = Certificate("ann", test::TestCa("another CA"));
  EXPECT_EQ(Run({"history"}), 6);
  EXPECT_THAT(err_.str(), HasSubstr("CONTROLLER_UNREACHABLE"));
}

TEST_F(ConnectionTest, OfACertificateThatMayNotCallIsNotAuthorised) {
  variables_["DAVIT_CONTROLLER_NAME"] = "controller";
  variables_["DAVIT_TLS_DIR"] = Certificate("bob", ca_);
  EXPECT_EQ(Run({"history"}), 6);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("NOT_AUTHORISED"), HasSubstr("bob")));
}

TEST_F(ConnectionTest, FollowsADeploymentFromAnotherMachineAsFromThis) {
  variables_["DAVIT_CONTROLLER_NAME"] = "controller";
  variables_["DAVIT_TLS_DIR"] = Certificate("ann", ca_);
  EXPECT_EQ(Run({"watch", "d-1", "--json"}), 1) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(R"("next_command":"davit history")"));
  EXPECT_EQ(Run({"watch", "d-1", "--controller", address_}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("davit history --controller " + address_ + "\n"));
}

TEST_F(ConnectionTest, LeadsToTheSameControllerAgain) {
  const std::string directory = Certificate("ann", ca_);
  EXPECT_EQ(Run({"show", "d", "--controller", address_, "--controller-name", "controller",
                 "--tls-dir", directory}),
            2);
  EXPECT_THAT(err_.str(), HasSubstr("`davit history --controller " + address_ +
                                    " --controller-name controller --tls-dir " + directory + "`"));
}

TEST_F(ConnectionTest, TakesNoAddressThatIsNone) {
  EXPECT_EQ(Run({"history", "--controller", "host:0"}), 2);
  EXPECT_EQ(Run({"history", "--controller", "host:http"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("host:port"));
}

}  // namespace
}  // namespace davit::commands
