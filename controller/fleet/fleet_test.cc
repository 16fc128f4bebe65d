#include "controller/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "controller/fleet/scripted_worker.h"
#include "tests/support/fake_clock.h"

namespace davit::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IdleWorker final : public WorkerClient {
 public:
  explicit IdleWorker(std::function<void()> end = [] {}) : end_(std::move(end)) {}
  ~IdleWorker() override { end_(); }

  void RunStep(worker::v1::RunStepRequest, std::shared_ptr<StepObserver>) override {}
  void CancelStep(const worker::v1::StepKey&) override {}
  void AckStep(const worker::v1::StepKey&) override {}
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest&,
                                                      const Call&) override {
    return worker::v1::GetHostResponse();
  }
  absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(const worker::v1::WatchHostRequest&,
                                                            const Call&) override {
    return worker::v1::WatchHostResponse();
  }
  absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest&, const Call&) override {
    return worker::v1::AdoptControllerResponse();
  }
  absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(const worker::v1::ListBackupsRequest&,
                                                              const Call&) override {
    return worker::v1::ListBackupsResponse();
  }
  absl::Status TailLogs(const worker::v1::TailLogsRequest&, const Call&,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)>) override {
    return absl::OkStatus();
  }
  absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob&, ContextPieces, const Call&,
                                            BuildSink) override {
    return v1::BuiltImage();
  }

 private:
  const std::function<void()> end_;
};

absl::StatusOr<HostLink> DialIdle(const std::string&, const std::string& address) {
  if (address.empty()) return absl::InvalidArgumentError("no address");
  return HostLink{std::make_unique<IdleWorker>(), nullptr};
}

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() {
    EXPECT_TRUE(fleet_.Add("web1", "unix:/a").ok());
    EXPECT_TRUE(fleet_.Add("web2", "unix:/b").ok());
  }

  Fleet fleet_{DialIdle};
};

TEST_F(FleetTest, FindsTheWorkerOfAHost) {
  const auto first = fleet_.Find("web1");
  const auto second = fleet_.Find("web2");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  EXPECT_THAT(fleet_.Hosts(), ElementsAre("web1", "web2"));
}

TEST_F(FleetTest, NamesTheHostsThatItKnowsWhenOneIsUnknown) {
  const absl::Status status = fleet_.Find("wbe1").status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNKNOWN));
  EXPECT_THAT(FailureOf(status).evidence(), ElementsAre("it knows: web1, web2"));
}

TEST_F(FleetTest, SaysHowAHostThatIsUnknownComesToBeKnown) {
  const v1::Failure typo = FailureOf(fleet_.Find("wbe1").status());
  EXPECT_THAT(typo.next_command(), HasSubstr("`davit hosts add wbe1 ADDRESS`"));
  EXPECT_THAT(typo.next_command(), HasSubstr("`hosts` in davit.yaml"));
  const v1::Failure local = FailureOf(fleet_.Find("local").status());
  EXPECT_THAT(local.likely_cause(), HasSubstr("local mode"));
  EXPECT_THAT(local.next_command(), HasSubstr("`--local`"));
}

TEST_F(FleetTest, TakesNoHostUpThatCannotBeDialled) {
  EXPECT_FALSE(fleet_.Add("web3", "").ok());
  EXPECT_THAT(fleet_.Hosts(), ElementsAre("web1", "web2"));
}

TEST_F(FleetTest, ForgetsAHostWhileItsWorkerIsStillInUse) {
  const auto held = fleet_.Find("web1");
  ASSERT_TRUE(held.ok());
  fleet_.Remove("web1");
  fleet_.Remove("web1");
  EXPECT_TRUE(IsFailure(fleet_.Find("web1").status(), v1::HOST_UNKNOWN));
  EXPECT_TRUE((*held)->GetHost({}, Call{}).ok());
}

TEST_F(FleetTest, TakesAnotherLinkInPlaceOfTheOneBefore) {
  const auto before = fleet_.Find("web1");
  ASSERT_TRUE(fleet_.Add("web1", "unix:/c").ok());
  EXPECT_NE(*fleet_.Find("web1"), *before);
  EXPECT_THAT(fleet_.Hosts(), ElementsAre("web1", "web2"));
}

TEST_F(FleetTest, AHostThatIsNotWatchedIsReady) {
  EXPECT_EQ(fleet_.Condition("web1").state, v1::Host::ONLINE);
  EXPECT_EQ(fleet_.Monitor("web1"), nullptr);
  EXPECT_TRUE(fleet_.CheckReady({"web1", "web2"}, absl::InfinitePast()).ok());
  EXPECT_TRUE(
      IsFailure(fleet_.CheckReady({"web1", "web9"}, absl::InfinitePast()), v1::HOST_UNKNOWN));
}

// The last one who holds a client may be the thread that its end waits for.
TEST(FleetReaper, EndsAClientOnAnotherThreadThanTheLastHolders) {
  absl::Notification may_end, ended;
  std::thread::id ended_by;
  Fleet fleet([&](const std::string&, const std::string&) -> absl::StatusOr<HostLink> {
    return HostLink{std::make_unique<IdleWorker>([&] {
                      may_end.WaitForNotification();
                      ended_by = std::this_thread::get_id();
                      ended.Notify();
                    }),
                    nullptr};
  });
  ASSERT_TRUE(fleet.Add("web1", "unix:/a").ok());
  auto held = *fleet.Find("web1");
  fleet.Remove("web1");
  held.reset();  // would wait for ever
  may_end.Notify();
  ASSERT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_NE(ended_by, std::this_thread::get_id());
}

TEST(FleetReaper, AFleetEndsAfterItsClients) {
  bool ended = false;
  {
    Fleet fleet([&](const std::string&, const std::string&) -> absl::StatusOr<HostLink> {
      return HostLink{std::make_unique<IdleWorker>([&] { ended = true; }), nullptr};
    });
    ASSERT_TRUE(fleet.Add("web1", "unix:/a").ok());
  }
  EXPECT_TRUE(ended);
}

// Real links to scripted workers.
class WatchedFleetTest : public ::testing::Test {
 protected:
  DialOptions Options() {
    DialOptions options;
    options.connect = [](const std::string&, const std::string& path) {
      return absl::StatusOr<std::shared_ptr<grpc::Channel>>(MakeChannel(UnixAddress(path)));
    };
    options.explain = [](const std::string& host, const std::string&, absl::Time) {
      return std::vector<std::string>{host + " was looked at"};
    };
    options.backoff = {absl::Milliseconds(1), absl::Milliseconds(10), nullptr};
    return options;
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  ThreadTimer timer_;
  test::FakeClock clock_;
  ScriptedWorker worker_;
  Fleet fleet_{MakeDial(Options(), timer_, clock_)};
};

TEST_F(WatchedFleetTest, WaitsForAHostThatIsJustBeingConnected) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24")})});
  ASSERT_TRUE(fleet_.Add("web1", worker_.path()).ok());
  const absl::Status ready = fleet_.CheckReady({"web1"}, Soon());
  EXPECT_TRUE(ready.ok()) << ready;
  EXPECT_EQ(fleet_.Condition("web1").state, v1::Host::ONLINE);
}

TEST_F(WatchedFleetTest, SaysWhyAHostThatIsAwayCannotBeDeployedTo) {
  ASSERT_TRUE(fleet_.Add("web1", worker_.path() + "-none").ok());
  const absl::Status ready = fleet_.CheckReady({"web1"}, Soon());
  EXPECT_TRUE(IsFailure(ready, v1::HOST_UNREACHABLE)) << ready;
  EXPECT_THAT(FailureOf(ready).evidence(), ::testing::Contains("web1 was looked at"));
}

TEST_F(WatchedFleetTest, GivesUpAHostThatIsStillBeingConnectedAtTheDeadline) {
  worker_.PlayWatch({Reports(worker_, {})});
  ASSERT_TRUE(fleet_.Add("web1", worker_.path()).ok());
  const absl::Status ready = fleet_.CheckReady({"web1"}, absl::Now());
  EXPECT_TRUE(IsFailure(ready, v1::HOST_UNREACHABLE)) << ready;
  EXPECT_THAT(FailureOf(ready).evidence(), ElementsAre(HasSubstr("not been heard of")));
}

TEST_F(WatchedFleetTest, EndsTheStepsOfAHostThatIsRemoved) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24")})});
  worker_.Play({SendsAndHolds(worker_, {StartedEvent("j")})});
  ASSERT_TRUE(fleet_.Add("web1", worker_.path()).ok());
  const auto observer = std::make_shared<RecordingObserver>();
  (*fleet_.Find("web1"))->RunStep(StepRequest("s-01"), observer);
  observer->AwaitEvents(1);
  fleet_.Remove("web1");
  const absl::Status done = observer->AwaitDone();
  EXPECT_TRUE(IsFailure(done, v1::HOST_UNREACHABLE)) << done;
  EXPECT_THAT(std::string(done.message()), HasSubstr("let go of host web1"));
}

TEST_F(WatchedFleetTest, AsksAHostThatIsAwayAgainBeforeItSaysSo) {
  DialOptions patient = Options();
  patient.backoff = {absl::Hours(1), absl::Hours(1), nullptr};
  Fleet fleet(MakeDial(patient, timer_, clock_));
  worker_.Stop();
  ASSERT_TRUE(fleet.Add("web1", worker_.path()).ok());
  ASSERT_EQ(fleet.Monitor("web1")->Await(v1::Host::AWAY, Soon()).state, v1::Host::AWAY);
  worker_.PlayWatch({Reports(worker_, {ReportOf("24")})});
  worker_.Start();
  const absl::Status back = fleet.CheckReady({"web1"}, Soon());
  EXPECT_TRUE(back.ok()) << back;
}

TEST_F(WatchedFleetTest, NamesAllHostsThatCannotBeDeployedTo) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24")})});
  ASSERT_TRUE(fleet_.Add("web1", worker_.path()).ok());
  ASSERT_TRUE(fleet_.Add("web2", worker_.path() + "-none").ok());
  ASSERT_TRUE(fleet_.Add("web3", worker_.path() + "-nowhere").ok());
  const absl::Status ready = fleet_.CheckReady({"web1", "web2", "web3"}, Soon());
  EXPECT_TRUE(IsFailure(ready, v1::HOST_UNREACHABLE)) << ready;
  EXPECT_THAT(std::string(ready.message()), HasSubstr("2 hosts cannot be deployed to: web2, web3"));
}

}  // namespace
}  // namespace davit::fleet
