#include "controller/fleet/host_monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "controller/fleet/host_status.h"
#include "controller/fleet/scripted_worker.h"
#include "tests/support/fake_clock.h"

namespace davit::fleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HostMonitorTest : public ::testing::Test {
 protected:
  void Watch() {
    options_.host = "web1";
    options_.cluster_id = "cluster";
    options_.controller_id = "controller";
    options_.backoff.jitter = [] { return 0.0; };
    channel_ = MakeChannel(UnixAddress(worker_.path()));
    monitor_ = std::make_unique<HostMonitor>(options_, channel_, timer_, clock_);
  }

  // The condition once it has that state; the last one when it never does.
  HostCondition Await(v1::Host::State state) {
    HostCondition condition = monitor_->Await(state, absl::Now() + absl::Seconds(20));
    EXPECT_EQ(condition.state, state);
    return condition;
  }

  ScriptedWorker worker_;
  ManualTimer timer_;
  ManualTimer explainer_;
  test::FakeClock clock_;
  HostMonitorOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<HostMonitor> monitor_;
};

TEST_F(HostMonitorTest, IsOnlineWithTheNewestReportAndSaysWhoAsks) {
  worker::v1::WatchHostRequest asked;
  worker_.PlayWatch({[&](grpc::ServerContext& context, const worker::v1::WatchHostRequest& request,
                         ScriptedWorker::WatchStream& stream) {
    asked = request;
    stream.Write(ReportOf("24.0"));
    return worker_.HoldWhile(context);
  }});
  Watch();
  EXPECT_EQ(monitor_->AwaitSettled(absl::Now() + absl::Seconds(20)).state, v1::Host::ONLINE);
  const HostCondition condition = monitor_->Condition();
  EXPECT_EQ(condition.report->facts().docker_version(), "24.0");
  EXPECT_EQ(condition.since, clock_.Now());
  EXPECT_FALSE(condition.problem.has_value());
  EXPECT_EQ(asked.cluster_id(), "cluster");
  EXPECT_EQ(asked.controller_id(), "controller");
}

TEST_F(HostMonitorTest, IsOnlineButSaysThatItsDockerDoesNotAnswer) {
  auto report = ReportOf("");
  *report.mutable_docker_failure() = MakeFailure(v1::DOCKER_UNREACHABLE, "no engine");
  worker_.PlayWatch({Reports(worker_, {report})});
  Watch();
  EXPECT_EQ(Await(v1::Host::ONLINE).problem->code(), v1::DOCKER_UNREACHABLE);
}

TEST_F(HostMonitorTest, IsAwayAtOnceWhenTheStreamBreaksAndKeepsWhatItKnew) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24.0")})});
  Watch();
  Await(v1::Host::ONLINE);
  clock_.Advance(absl::Minutes(5));
  worker_.Stop();
  const HostCondition away = Await(v1::Host::AWAY);
  EXPECT_EQ(away.problem->code(), v1::HOST_UNREACHABLE);
  EXPECT_THAT(away.problem->message(), HasSubstr("web1"));
  EXPECT_EQ(away.since, clock_.Now());
  EXPECT_EQ(away.report->facts().docker_version(), "24.0");
}

TEST_F(HostMonitorTest, IsAwayWithoutAReportForFifteenSeconds) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24.0")})});
  Watch();
  Await(v1::Host::ONLINE);
  timer_.RunNext();  // at 10 s: the look for the first report
  EXPECT_EQ(monitor_->Condition().state, v1::Host::ONLINE);
  timer_.RunNext();
  EXPECT_EQ(timer_.Uptime(), absl::Seconds(15));
  const HostCondition away = Await(v1::Host::AWAY);
  EXPECT_THAT(away.problem->evidence(), ElementsAre("no report for 15s"));
  // The stream that was given up does not hide why.
  timer_.AwaitPending(1);
  EXPECT_THAT(monitor_->Condition().problem->evidence(), ElementsAre("no report for 15s"));
}

TEST_F(HostMonitorTest, IsAwayWhenAConnectionBringsNoReport) {
  worker_.PlayWatch({Reports(worker_, {})});
  Watch();
  EXPECT_EQ(timer_.RunNext(), absl::Seconds(10));
  Await(v1::Host::AWAY);
  EXPECT_EQ(monitor_->AwaitSettled(absl::InfiniteFuture()).state, v1::Host::AWAY);
}

TEST_F(HostMonitorTest, ComesBackWithTheWorker) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24.0")})});
  Watch();
  Await(v1::Host::ONLINE);
  worker_.Stop();
  Await(v1::Host::AWAY);
  worker_.Start();
  ASSERT_TRUE(channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  EXPECT_EQ(timer_.RunNext(), absl::Milliseconds(200));
  EXPECT_FALSE(Await(v1::Host::ONLINE).problem.has_value());
}

TEST_F(HostMonitorTest, TriesAgainAfterPausesThatGrowToTenSeconds) {
  worker_.PlayWatch({RefusesWatch(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no"))});
  options_.first_report = absl::Hours(1);  // no other action
  Watch();
  std::vector<int64_t> pauses;
  for (int i = 1; i <= 8; ++i) {
    timer_.AwaitPending(i + 1);  // the looks stay
    pauses.push_back(absl::ToInt64Milliseconds(timer_.RunNext()));
  }
  EXPECT_THAT(pauses, ElementsAre(200, 400, 800, 1600, 3200, 6400, 10000, 10000));
}

TEST_F(HostMonitorTest, IsSettledOnlyWhenAFewTriesHaveFailed) {
  worker_.PlayWatch({RefusesWatch(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no"))});
  options_.first_report = absl::Hours(1);
  Watch();
  Await(v1::Host::AWAY);
  const auto settled = [&] {
    const absl::Time begin = absl::Now();
    monitor_->AwaitSettled(begin + absl::Milliseconds(20));
    return absl::Now() < begin + absl::Milliseconds(20);
  };
  EXPECT_FALSE(settled());
  for (int i = 1; i <= 5; ++i) {
    timer_.AwaitPending(i + 1);
    timer_.RunNext();
  }
  EXPECT_EQ(monitor_->AwaitSettled(absl::InfiniteFuture()).state, v1::Host::AWAY);
}

TEST_F(HostMonitorTest, AWorkerThatDoesNotKnowTheMethodIsOfAnotherVersion) {
  Watch();
  const HostCondition refused = Await(v1::Host::REFUSED);
  EXPECT_EQ(refused.problem->code(), v1::VERSION_SKEW);
  EXPECT_THAT(refused.problem->message(), HasSubstr("older version"));
}

TEST_F(HostMonitorTest, AWorkerThatDoesNotTakeTheCertificateRefuses) {
  for (const auto code : {grpc::StatusCode::PERMISSION_DENIED, grpc::StatusCode::UNAUTHENTICATED}) {
    worker_.PlayWatch({RefusesWatch(grpc::Status(code, "no"))});
    Watch();
    EXPECT_EQ(Await(v1::Host::REFUSED).problem->code(), v1::NOT_AUTHORISED);
  }
}

TEST_F(HostMonitorTest, AWorkerThatFollowsAnotherControllerRefusesAndTheReasonIsSaid) {
  auto report = ReportOf("24.0");
  report.set_follows_another(true);
  worker_.PlayWatch({Reports(worker_, {report})});
  options_.restored = absl::FromCivil(absl::CivilSecond(2024, 5, 6, 7, 8, 9), absl::UTCTimeZone());
  Watch();
  const HostCondition refused = Await(v1::Host::REFUSED);
  EXPECT_EQ(refused.problem->code(), v1::HOST_NOT_ADOPTED);
  EXPECT_THAT(refused.problem->message(),
              HasSubstr("restored from a backup on 2024-05-06T07:08:09"));
  EXPECT_THAT(refused.problem->evidence(), Contains(HasSubstr("older than what runs")));
  EXPECT_THAT(refused.problem->next_command(), HasSubstr("davit hosts adopt web1"));
  EXPECT_EQ(refused.report->facts().docker_version(), "24.0");
}

TEST_F(HostMonitorTest, ExplainsWhyAHostIsAwayUntilItIsBack) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24.0")})});
  options_.explain = [](absl::Time) { return std::vector<std::string>{"the cable is cut"}; };
  Watch();
  Await(v1::Host::ONLINE);
  EXPECT_FALSE(monitor_->Explained(absl::Now()).problem.has_value());
  worker_.Stop();
  Await(v1::Host::AWAY);
  EXPECT_THAT(monitor_->Explained(absl::Now()).problem->evidence(), Contains("the cable is cut"));
  EXPECT_THAT(monitor_->Condition().problem->evidence(), Contains("the cable is cut"));
}

// What the monitors write while it lives.
class Log {
 public:
  Log() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_, true);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("log", std::move(sink)));
  }
  ~Log() { spdlog::set_default_logger(before_); }
  std::string text() const { return text_.str(); }

 private:
  const std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

TEST_F(HostMonitorTest, FindsOutByItselfWhyAHostIsAwayAndLogsIt) {
  worker_.PlayWatch({RefusesWatch(grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"))});
  options_.explainer = &explainer_;
  options_.address = "10.0.0.2:7301";
  options_.explain = [](absl::Time) { return std::vector<std::string>{"the cable is cut"}; };
  const Log log;
  Watch();
  Await(v1::Host::AWAY);
  explainer_.RunNext();
  const v1::Failure problem = *monitor_->Condition().problem;
  EXPECT_THAT(problem.evidence(), ElementsAre("it has closed the connection", "the cable is cut"));
  EXPECT_EQ(problem.likely_cause(), "") << "it was found";
  EXPECT_THAT(log.text(), HasSubstr("host web1 at 10.0.0.2:7301: AWAY: the worker of host web1 "
                                    "does not answer: it has closed the connection"));
  EXPECT_THAT(log.text(), HasSubstr("host web1 at 10.0.0.2:7301: the cable is cut"));
}

TEST_F(HostMonitorTest, ACertificateIsNoReasonToCheckWhetherAHostIsUp) {
  v1::Failure failure = FailureOf(HostUnreachable("web2", "it has closed the connection"));
  AddFacts("web2", {"the certificate that 10.0.0.1:7301 shows is for web1 and not for web2"},
           failure);
  EXPECT_EQ(failure.likely_cause(), "");
  EXPECT_THAT(failure.next_command(), HasSubstr("its own worker's address"));
  failure = FailureOf(HostUnreachable("web2", "it has closed the connection"));
  AddFacts("web2", {"the certificate that 10.0.0.1:7301 shows is signed by an unknown CA"},
           failure);
  EXPECT_THAT(failure.next_command(), HasSubstr("CA"));
  failure = FailureOf(HostUnreachable("web2", "10.0.0.1:7301 refuses connections"));
  AddFacts("web2", {"10.0.0.1:7301 refuses connections"}, failure);
  EXPECT_THAT(failure.evidence(), ElementsAre("10.0.0.1:7301 refuses connections"));
  EXPECT_THAT(failure.next_command(), HasSubstr("check the worker"));
  AddFacts("web2", {}, failure);
  EXPECT_EQ(failure.evidence_size(), 1);
}

TEST_F(HostMonitorTest, AsksAnewWhenItIsToldTo) {
  auto report = ReportOf("24.0");
  report.set_follows_another(true);
  worker_.PlayWatch({Reports(worker_, {report}), Reports(worker_, {ReportOf("24.0")})});
  Watch();
  Await(v1::Host::REFUSED);
  monitor_->Renew();
  EXPECT_EQ(monitor_->Condition().state, v1::Host::CONNECTING);
  timer_.AwaitPending(2);
  EXPECT_EQ(timer_.RunNext(), absl::ZeroDuration());
  Await(v1::Host::ONLINE);
}

TEST_F(HostMonitorTest, AsksAnewInTheMiddleOfAPause) {
  worker_.PlayWatch({RefusesWatch(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no")),
                     Reports(worker_, {ReportOf("24.0")})});
  Watch();
  Await(v1::Host::AWAY);
  monitor_->Renew();
  EXPECT_EQ(timer_.RunNext(), absl::ZeroDuration());
  Await(v1::Host::ONLINE);
  EXPECT_EQ(timer_.RunNext(), absl::Milliseconds(200));  // the pause that is over by now
  EXPECT_EQ(worker_.watches(), 2);
}

TEST_F(HostMonitorTest, DoesNothingAnyMoreOnceItIsGone) {
  worker_.PlayWatch({Reports(worker_, {ReportOf("24.0")})});
  Watch();
  Await(v1::Host::ONLINE);
  monitor_.reset();
  timer_.RunNext();
  EXPECT_EQ(worker_.watches(), 1);
}

}  // namespace
}  // namespace davit::fleet
