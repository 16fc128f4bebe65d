#include "controller/executor/left_behind.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "controller/executor/executor_fixture.h"
#include "controller/fleet/scripted_worker.h"

namespace davit::executor {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Host a is deployed to; b is watched, and reports what a test wants.
class LeftBehindTest : public ExecutorTest {
 protected:
  ~LeftBehindTest() override {
    executor_.reset();
    fleet_.reset();
  }

  static v1::HostApp Container(const std::string& app, int64_t release,
                               const std::string& environment = "dev") {
    v1::HostApp container;
    container.set_project("shop");
    container.set_environment(environment);
    container.set_app(app);
    container.set_release(release);
    container.set_container(absl::StrCat("shop-", app));
    container.set_state("running");
    return container;
  }

  void Report(const std::vector<v1::HostApp>& apps) {
    worker::v1::WatchHostResponse report = fleet::ReportOf("24");
    *report.mutable_apps() = {apps.begin(), apps.end()};
    worker_.PlayWatch({fleet::Reports(worker_, {report})});
    Watch();
    ASSERT_EQ(fleet_->Monitor("b")->AwaitSettled(absl::Now() + absl::Seconds(20)).state,
              v1::Host::ONLINE);
  }

  void Watch() {
    fleet::HostMonitorOptions options;
    options.host = "b";
    fleet::HostLink link = *fleet_->Connect("b", "");
    link.monitor = std::make_unique<fleet::HostMonitor>(
        options, MakeChannel(UnixAddress(worker_.path())), timer_, clock_);
    fleet_->Add("b", std::move(link));
  }

  std::vector<std::string> Notes(const std::vector<std::string>& hosts = {"a"}) {
    std::vector<std::string> notes;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      auto found = LeftBehind(txn, *fleet_, RequestFor("dev", "", hosts).deployment());
      if (!found.ok()) return found.status();
      notes = *std::move(found);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return notes;
  }

  // web v1 is live on a and b.
  void DeployToBoth() {
    const auto created = executor_->Create(RequestFor("dev", "request-1", {"a", "b"}));
    ASSERT_TRUE(created.ok()) << created.status();
    ASSERT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  }

  fleet::ScriptedWorker worker_;
  fleet::ThreadTimer timer_;
};

TEST_F(LeftBehindTest, SaysWhatGoesOnRunningOnAHostThatIsLeftOut) {
  Report({Container("web", 24)});
  EXPECT_THAT(Notes(), ElementsAre(AllOf(HasSubstr("b is not a host of this deployment"),
                                         HasSubstr("web v24 goes on running there"),
                                         HasSubstr("`docker rm -f shop-web`"))));
  EXPECT_THAT(Notes({"a", "b"}), IsEmpty());
}

TEST_F(LeftBehindTest, SaysNothingOfOtherContainers) {
  v1::HostApp stopped = Container("web", 23);
  stopped.set_state("exited");
  Report({Container("web", 24, "production"), Container("api", 2), stopped});
  EXPECT_THAT(Notes(), IsEmpty());
}

TEST_F(LeftBehindTest, KnowsFromTheRecordsWhatAHostThatHasNotReportedRuns) {
  DeployToBoth();
  EXPECT_THAT(Notes(), ElementsAre(HasSubstr("by the records")));
  EXPECT_THAT(Notes({"b", "a"}), IsEmpty());
}

TEST_F(LeftBehindTest, NamesAContainerAsTheRecordsDoWhereTheReportIsOlder) {
  DeployToBoth();
  v1::HostApp candidate = Container("web", 1);
  candidate.set_container("davit-d-1-06");
  Report({candidate});
  EXPECT_THAT(Notes(), ElementsAre(HasSubstr("`docker rm -f shop-web`")));
}

TEST_F(LeftBehindTest, RemembersWhatAHostRanThatIsAway) {
  Report({Container("web", 24)});
  worker_.Stop();
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  ASSERT_EQ(fleet_->Monitor("b")->Await(v1::Host::AWAY, deadline).state, v1::Host::AWAY);
  EXPECT_THAT(Notes(), ElementsAre(HasSubstr("web v24 ran there when the host was last heard of")));
}

TEST_F(LeftBehindTest, IsInTheJournalOfTheDeployment) {
  Report({Container("web", 24)});
  const auto created = executor_->Create(RequestFor("dev", "request-1", {"a"}));
  ASSERT_TRUE(created.ok()) << created.status();
  const auto events = Events(created->id());
  ASSERT_GE(events.size(), 2u);
  EXPECT_THAT(events[1].note().text(), HasSubstr("web v24 goes on running there"));
}

}  // namespace
}  // namespace davit::executor
