#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "controller/executor/executor_fixture.h"
#include "tests/support/temp_dir.h"

// What an executor does with hosts that cannot be reached.
namespace davit::executor {
namespace {

using testing::Contains;

// An executor whose host b has a monitor, and nobody at its address.
class ReadinessTest : public ExecutorTest {
 protected:
  ReadinessTest() {
    fleet::HostMonitorOptions options;
    options.host = "b";
    options.backoff = {absl::Milliseconds(1), absl::Milliseconds(10), nullptr};
    options.explain = [](absl::Time) { return std::vector<std::string>{"nobody is there"}; };
    fleet::HostLink link = *fleet_->Connect("b", "");
    link.monitor = std::make_unique<fleet::HostMonitor>(
        options, MakeChannel(UnixAddress(directory_.File("none"))), timer_, clock_);
    fleet_->Add("b", std::move(link));
  }
  ~ReadinessTest() override {
    executor_.reset();
    fleet_.reset();
  }

  test::TempDir directory_;
  fleet::ThreadTimer timer_;
};

TEST_F(ReadinessTest, AHostThatIsAwayIsRefusedBeforeAnythingIsDone) {
  const absl::Status status =
      executor_->Create(RequestFor("dev", "request-1", {"a", "b"})).status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE)) << status;
  EXPECT_THAT(FailureOf(status).evidence(), Contains("nobody is there"));
  EXPECT_EQ(store_.commits(), 0);
  EXPECT_EQ(IdOf("request-1"), "");
  EXPECT_TRUE(executor_->Create(RequestFor("dev", "request-2", {"a"})).ok())
      << "the lock is free, and the other host is well";
}

TEST_F(ReadinessTest, APlanForAHostThatIsAwayIsRefusedToo) {
  const absl::Status status =
      executor_->Plan(RequestFor("dev", "", {"b"}).deployment(), absl::Now() + absl::Seconds(20))
          .status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE)) << status;
  EXPECT_THAT(workers_.Runs("observe"), testing::IsEmpty());
}

TEST_F(ReadinessTest, ARequestThatWasAcceptedGetsItsDeploymentThoughTheHostIsAwayByNow) {
  // Accepted while b was not watched yet.
  auto link = *fleet_->Connect("b", "");
  fleet_->Add("b", std::move(link));
  const auto created = executor_->Create(RequestFor("dev", "request-1", {"b"}));
  ASSERT_TRUE(created.ok()) << created.status();
  link = *fleet_->Connect("b", "");
  link.monitor = std::make_unique<fleet::HostMonitor>(
      fleet::HostMonitorOptions{.host = "b"}, MakeChannel(UnixAddress(directory_.File("none"))),
      timer_, clock_);
  fleet_->Add("b", std::move(link));
  const auto again = executor_->Create(RequestFor("dev", "request-1", {"b"}));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->id(), created->id());
}

}  // namespace
}  // namespace davit::executor
