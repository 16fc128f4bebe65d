#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "client/commands/deploy/waiting_line.h"
#include "client/commands/testing/scripted_controller.h"
#include "common/rpc/server.h"
#include "davit/v1/deployment_service.grpc.pb.h"
#include "davit/v1/host_service.grpc.pb.h"
#include "nlohmann/json.hpp"

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

class SlowPlanTest : public ProgramTest {
 protected:
  SlowPlanTest() {
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

TEST_F(SlowPlanTest, SaysForWhichHostItWaits) {
  EXPECT_EQ(Run({"plan"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "waiting for host app2 …\n");
}

TEST_F(SlowPlanTest, SaysNothingWhereNobodyWaits) {
  service_.DoNotWait();
  EXPECT_EQ(Run({"plan"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "");
}

class PlanTest : public ScriptedControllerTest {
 protected:
  PlanTest() {
    v1::AppChange& change = *controller_.plan.add_changes();
    change.set_app("web");
    change.set_kind(v1::AppChange::REPLACED);
    change.set_old_release(2);
    controller_.plan.add_rollback("web v2 is put back");
    controller_.plan.add_notes("the image runs as root");
  }
  void Change() {
    v1::Difference& difference = *controller_.plan.mutable_changes(0)->add_differences();
    difference.set_what("env DEBUG");
    difference.set_before("0");
    difference.set_after("1");
  }
};

TEST_F(PlanTest, EndsWithTenForChangesOnlyWhenItIsAsked) {
  EXPECT_EQ(Run({"plan", "-e", "dev", "--detailed-exitcode"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("web: no changes, v2 is the same\n"));
  Change();
  EXPECT_EQ(Run({"plan", "-e", "dev", "--detailed-exitcode"}), 10) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("~ env DEBUG: 0 -> 1\n"));
  EXPECT_EQ(Run({"plan", "-e", "dev"}), 0) << err_.str();
}

TEST_F(PlanTest, TellsWhatARollbackWouldDoAndTheNotes) {
  EXPECT_EQ(Run({"plan", "-e", "dev"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("if a step fails\n  web v2 is put back\n"));
  EXPECT_THAT(out_.str(), HasSubstr("note: the image runs as root\n"));
}

TEST_F(PlanTest, GivesProgramsAllOfIt) {
  Change();
  EXPECT_EQ(Run({"plan", "-e", "dev", "--json", "--detailed-exitcode"}), 10) << err_.str();
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["changes"][0]["differences"][0]["what"], "env DEBUG");
  EXPECT_EQ(json["rollback"][0], "web v2 is put back");
  EXPECT_EQ(json["notes"][0], "the image runs as root");
}

TEST_F(PlanTest, ShowsWhereSettingsComeFromWithoutAskingAnybody) {
  variables_.erase("DAVIT_CONTROLLER");
  EXPECT_EQ(Run({"plan", "-e", "staging", "--show-defaults"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("davit.yaml:7, environment staging"));
  const std::string text = out_.str();
  EXPECT_EQ(Run({"validate", "-e", "staging", "--show-defaults"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), text);
}

TEST_F(PlanTest, NamesTheContainerThatIsToBeAdopted) {
  EXPECT_EQ(Run({"plan", "-e", "dev", "--adopt", "web=old-web"}), 0) << err_.str();
  EXPECT_EQ(controller_.asked().adopt().at("web"), "old-web");
  EXPECT_EQ(Run({"plan", "-e", "dev", "--adopt", "old-web"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("say --adopt APP=CONTAINER\n"));
  EXPECT_EQ(Run({"plan", "web", "-e", "dev", "--adopt", "api=old-api"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("api is not deployed"));
  EXPECT_EQ(Run({"plan", "web", "-e", "dev", "--adopt", "one", "--adopt", "two"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("two containers for web"));
}

}  // namespace
}  // namespace davit::commands
