#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "client/commands/test_program.h"
#include "client/commands/waiting_line.h"
#include "common/rpc/server.h"
#include "davit/v1/deployment_service.grpc.pb.h"
#include "davit/v1/host_service.grpc.pb.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kDeadline = absl::Seconds(30);

TEST(WaitingLine, IsToldToWhoeverWaits) {
  absl::Notification told;
  const WaitingLine line(absl::ZeroDuration(), [&] { told.Notify(); });
  EXPECT_TRUE(told.WaitForNotificationWithTimeout(kDeadline));
}

TEST(WaitingLine, IsNotToldWhenNobodyHadToWait) {
  bool told = false;
  {
    const WaitingLine line(absl::InfiniteDuration(), [&] { told = true; });
  }
  EXPECT_FALSE(told);
}

// One host is away, and the plan takes until somebody asks which.
class SlowController final : public v1::DeploymentService::Service,
                             public v1::HostService::Service {
 public:
  grpc::Status PlanDeployment(grpc::ServerContext*, const v1::PlanDeploymentRequest* request,
                              v1::PlanDeploymentResponse* response) override {
    if (waits_) asked_.WaitForNotificationWithTimeout(kDeadline);
    *response->mutable_deployment()->mutable_hosts() = request->deployment().spec().hosts();
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse*) override {
    return grpc::Status::OK;
  }
  grpc::Status ListHosts(grpc::ServerContext*, const v1::ListHostsRequest*,
                         v1::ListHostsResponse* response) override {
    v1::Host* host = response->add_hosts();
    host->set_name("app1");
    host->set_state(v1::Host::ONLINE);
    if (!asked_.HasBeenNotified()) asked_.Notify();
    return grpc::Status::OK;
  }
  void DoNotWait() { waits_ = false; }

 private:
  bool waits_ = true;
  absl::Notification asked_;
};

class PlanTest : public ProgramTest {
 protected:
  PlanTest() {
    Write(
        "project: shop\napps:\n  web: {image: shop/web}\n"
        "environments:\n  dev: {hosts: [app1, app2]}\n");
    const std::vector<grpc::Service*> services = {
        static_cast<v1::DeploymentService::Service*>(&service_),
        static_cast<v1::HostService::Service*>(&service_)};
    auto server = Server::Start({.listen = {UnixAddress(directory_ + "/s")}, .services = services});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/s";
  }

  SlowController service_;
  std::unique_ptr<Server> server_;
};

TEST_F(PlanTest, SaysForWhichHostItWaits) {
  EXPECT_EQ(Run({"plan"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "waiting for host app2 …\n");
}

TEST_F(PlanTest, SaysNothingWhereNobodyWaits) {
  service_.DoNotWait();
  EXPECT_EQ(Run({"plan"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace davit::commands
