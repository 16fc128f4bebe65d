#include "controller/executor/live_apps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/store/memory/memory_store.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LiveAppsTest : public testing::Test {
 protected:
  void PutDeployment(const std::string& id, const std::vector<std::string>& hosts,
                     const std::string& environment = "dev") {
    state::v1::DeploymentRecord record;
    record.mutable_view()->set_id(id);
    record.mutable_view()->set_project("shop");
    record.mutable_view()->set_environment(environment);
    for (const std::string& host : hosts) record.mutable_view()->add_hosts(host);
    record.set_request_id(absl::StrCat("request of ", id));
    Update([&](store::Txn& txn) { return txn.PutDeployment(record); });
  }

  void PutLive(const std::string& app, int64_t number, const std::string& deployment) {
    state::v1::ReleaseRecord release;
    release.mutable_view()->set_project("shop");
    release.mutable_view()->set_environment("dev");
    release.mutable_view()->set_app(app);
    release.mutable_view()->set_number(number);
    release.mutable_view()->set_deployment_id(deployment);
    release.mutable_view()->set_live(true);
    Update([&](store::Txn& txn) { return txn.PutRelease(release); });
  }

  void Update(const store::Store::UpdateFn& change) {
    const absl::Status status = store_.Update(change);
    ASSERT_TRUE(status.ok()) << status;
  }

  std::vector<LiveApp> Live() {
    std::vector<LiveApp> apps;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      auto found = LiveApps(txn, "shop", "dev");
      if (!found.ok()) return found.status();
      apps = *std::move(found);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return apps;
  }

  store::MemoryStore store_;
};

TEST_F(LiveAppsTest, HaveTheHostsOfTheDeploymentThatMadeThemLive) {
  PutDeployment("d-1", {"app3", "app1", "app2"});
  PutLive("web", 30, "d-1");
  PutDeployment("d-2", {"app1"});  // failed
  const auto live = Live();
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].release.view().number(), 30);
  EXPECT_THAT(live[0].hosts, ElementsAre("app3", "app1", "app2"));
  EXPECT_TRUE(live[0].IsOn("app3"));
  EXPECT_FALSE(live[0].IsOn("app4"));
}

TEST_F(LiveAppsTest, HaveHostsOfTheirOwn) {
  PutDeployment("d-1", {"app1", "app2"});
  PutDeployment("d-2", {"app2"});
  PutLive("api", 3, "d-1");
  PutLive("web", 4, "d-2");
  const auto live = Live();
  ASSERT_EQ(live.size(), 2u);
  EXPECT_THAT(live[0].hosts, ElementsAre("app1", "app2"));
  EXPECT_THAT(live[1].hosts, ElementsAre("app2"));
}

TEST_F(LiveAppsTest, HaveNoHostsWhereTheirDeploymentIsNotOnRecord) {
  PutDeployment("d-0", {"app1"});
  PutDeployment("d-10", {"app2"});
  PutLive("web", 4, "d-1");
  ASSERT_EQ(Live().size(), 1u);
  EXPECT_THAT(Live()[0].hosts, IsEmpty());
}

}  // namespace
}  // namespace davit::executor
