#ifndef DAVIT_COMMON_RPC_TLS_FIXTURE_H_
#define DAVIT_COMMON_RPC_TLS_FIXTURE_H_

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/peer.h"
#include "common/rpc/server.h"
#include "common/tls/test_ca.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit {

// Answers with what it knows of its caller.
class TellsTheCaller final : public v1::DeploymentService::Service {
  grpc::Status PlanDeployment(grpc::ServerContext* context, const v1::PlanDeploymentRequest*,
                              v1::PlanDeploymentResponse* response) override {
    response->mutable_deployment()->set_submitted_by(PeerName(*context));
    return grpc::Status::OK;
  }
};

// A server for "controller" at a TCP port, and a CA that others have certificates of.
class TlsServerFixture : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(directory_.data()), nullptr); }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  ServerOptions Options() {
    return {.listen = {TcpAddress("127.0.0.1", 0)},
            .tls = ca_.Issue("controller"),
            .allow = {"ann"},
            .services = {&service_}};
  }

  void Serve() { Serve(Options()); }
  void Serve(const ServerOptions& options) {
    server_.reset();
    auto server = Server::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  Address address() const { return server_->addresses().front(); }

  // The status of a call to `address`, whose answer becomes caller_.
  grpc::Status Ask(const Address& address, const std::optional<TlsIdentity>& tls,
                   const std::string& peer_name = "controller") {
    return Ask(MakeChannel(address, tls, peer_name));
  }
  grpc::Status Ask(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Soon()));
    v1::PlanDeploymentResponse response;
    const auto stub = v1::DeploymentService::NewStub(channel);
    const grpc::Status status = stub->PlanDeployment(&context, {}, &response);
    caller_ = response.deployment().submitted_by();
    return status;
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

  static test::CertificateOptions ExpiredFor(const std::string& name) {
    test::CertificateOptions options;
    options.dns_names = {name};
    options.begin = absl::Now() - absl::Hours(2);
    options.end = absl::Now() - absl::Hours(1);
    return options;
  }

  const test::TestCa ca_;
  const test::TestCa strangers_{"strangers"};
  TellsTheCaller service_;
  std::string directory_ = ::testing::TempDir() + "davit-rpc-XXXXXX";
  std::unique_ptr<Server> server_;
  std::string caller_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_TLS_FIXTURE_H_
