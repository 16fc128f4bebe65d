#include "worker/steps/health/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/steps/health/log_follower.h"
#include "worker/steps/health/poll_schedule.h"
#include "worker/steps/health/status_ranges.h"

namespace davit::steps {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

docker::ContainerDetails Container(const std::string& state, int exit_code = 0) {
  docker::ContainerDetails container;
  container.observed.set_name("web");
  container.observed.set_state(state);
  container.observed.set_exit_code(exit_code);
  container.observed.mutable_start_time()->set_seconds(1);
  return container;
}

TEST(PollSchedule, GrowsFrom100MillisecondsToTheInterval) {
  v1::Healthcheck check;
  check.mutable_interval()->set_nanos(300'000'000);
  PollSchedule schedule(check);
  EXPECT_EQ(schedule.NextPause(), absl::Milliseconds(100));
  EXPECT_EQ(schedule.NextPause(), absl::Milliseconds(150));
  EXPECT_EQ(schedule.NextPause(), absl::Milliseconds(225));
  EXPECT_EQ(schedule.NextPause(), absl::Milliseconds(300));
  EXPECT_EQ(schedule.NextPause(), absl::Milliseconds(300));
}

TEST(PollSchedule, HasPatienceForAllAttemptsAndTheStartDelay) {
  v1::Healthcheck check;
  EXPECT_EQ(PollSchedule(check).patience(), absl::Seconds(100));
  check.set_attempts(3);
  check.mutable_interval()->set_seconds(2);
  check.mutable_start_delay()->set_seconds(10);
  EXPECT_EQ(PollSchedule(check).patience(), absl::Seconds(16));
  EXPECT_EQ(PollSchedule(check).successes(), 1);
}

TEST(StatusRanges, AcceptCodesAndRanges) {
  EXPECT_TRUE(AcceptsStatus("", 204));
  EXPECT_TRUE(AcceptsStatus("", 399));
  EXPECT_FALSE(AcceptsStatus("", 400));
  EXPECT_TRUE(AcceptsStatus("200-299,304", 304));
  EXPECT_FALSE(AcceptsStatus("200-299,304", 303));
  EXPECT_FALSE(AcceptsStatus("2xx", 200));
}

TEST(LogPositions, TellLinesOfOneTimestampApart) {
  LogPositions positions("c1", 100);
  positions.BeginAnswer();
  EXPECT_TRUE(positions.Take(100));
  EXPECT_TRUE(positions.Take(100));
  EXPECT_TRUE(positions.Take(200));
  EXPECT_EQ(positions.since_unix_nanos(), 200);
  positions.BeginAnswer();
  EXPECT_FALSE(positions.Take(200));
  EXPECT_TRUE(positions.Take(200));
  EXPECT_EQ(positions.last().ordinal(), 1);
  EXPECT_TRUE(positions.Take(300));
  EXPECT_EQ(positions.last().ordinal(), 0);
}

TEST(LogPositions, DoNotLoseALongLineThatComesAfterLaterOnes) {
  LogPositions positions("c1", 100);
  positions.BeginAnswer();
  EXPECT_TRUE(positions.Take(300));
  EXPECT_TRUE(positions.Take(200)) << "whole only now";
  EXPECT_EQ(positions.last().time_unix_nanos(), 300);
  positions.BeginAnswer();
  EXPECT_FALSE(positions.Take(300));
  EXPECT_FALSE(positions.Take(200));
  EXPECT_TRUE(positions.Take(400));
}

TEST(LogPositions, SkipWhatTheControllerHasOfThisContainer) {
  v1::LogPosition has;
  has.set_container_id("another");
  has.set_time_unix_nanos(500);
  LogPositions positions("c1", 100);
  positions.SkipTo(has);
  EXPECT_EQ(positions.since_unix_nanos(), 100);
  has.set_container_id("c1");
  positions.SkipTo(has);
  positions.BeginAnswer();
  EXPECT_FALSE(positions.Take(500));
  EXPECT_TRUE(positions.Take(501));
}

TEST(Diagnosis, TakesTheLastProbesWord) {
  ProbeResult last;
  last.code = v1::HEALTH_STATUS;
  last.summary = "status 503";
  last.evidence = {"status: 503"};
  last.likely_cause = "it is warming up";
  const v1::Failure failure = DiagnoseUnhealthy(
      Container("running"), {"GET http://172.17.0.2/", last, 12, absl::Milliseconds(100'040)});
  EXPECT_EQ(failure.code(), v1::HEALTH_STATUS);
  EXPECT_EQ(failure.message(), "web did not become healthy: status 503");
  EXPECT_THAT(failure.evidence(), Contains("probes: 12"));
  EXPECT_THAT(failure.evidence(), Contains("elapsed: 1m40s"));
  EXPECT_EQ(failure.likely_cause(), "it is warming up");
  EXPECT_FALSE(failure.next_command().empty()) << "the catalogue's";
}

TEST(Diagnosis, TellsHowAContainerEnded) {
  EXPECT_EQ(DiagnoseStopped(Container("exited", 1), false, {}).code(), v1::CONTAINER_EXITED);
  EXPECT_EQ(DiagnoseStopped(Container("restarting", 1), true, {}).code(),
            v1::CONTAINER_RESTART_LOOP);
  docker::ContainerDetails killed = Container("exited", 137);
  EXPECT_THAT(DiagnoseStopped(killed, false, {}).likely_cause(), HasSubstr("SIGKILL"));
  killed.oom_killed = true;
  EXPECT_EQ(DiagnoseStopped(killed, false, {}).code(), v1::CONTAINER_OUT_OF_MEMORY);
  EXPECT_THAT(DiagnoseStopped(Container("exited", 127), false, {}).next_command(),
              HasSubstr("`command`"));
  EXPECT_THAT(DiagnoseStopped(Container("exited", 0), false, {}).likely_cause(),
              HasSubstr("into the background"));
}

TEST(Diagnosis, ComparesThePortWithWhatTheContainerListensOn) {
  v1::Failure nothing, other, loopback;
  AddListeners({{"127.0.0.11", 33000, 0}}, 8000, nothing);
  EXPECT_THAT(nothing.evidence(), Contains("the container listens on: nothing"));
  AddListeners({{"0.0.0.0", 80, 0}, {"::", 81, 0}}, 8000, other);
  EXPECT_THAT(other.evidence(), Contains("the container listens on: 0.0.0.0:80, [::]:81"));
  EXPECT_THAT(other.likely_cause(), HasSubstr("another port than 8000"));
  AddListeners({{"127.0.0.1", 8000, 0}}, 8000, loopback);
  EXPECT_THAT(loopback.next_command(), HasSubstr("0.0.0.0"));
}

TEST(AddListeners, BlameTheWayToAPortThatIsListenedOn) {
  v1::Failure cut;
  AddListeners({{"0.0.0.0", 80, 0}}, 80, cut);
  EXPECT_THAT(cut.likely_cause(), HasSubstr("its container is in no network"));
}

}  // namespace
}  // namespace davit::steps
