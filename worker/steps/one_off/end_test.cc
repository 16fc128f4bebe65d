#include "worker/steps/one_off/end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "tests/support/temp_dir.h"
#include "worker/steps/one_off/record.h"

namespace davit::steps {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One that ran from second 1000 to second 1060.
docker::ContainerDetails Ended(int exit_code) {
  docker::ContainerDetails container;
  container.observed.set_state("exited");
  container.observed.set_exit_code(exit_code);
  container.observed.mutable_start_time()->set_seconds(1000);
  container.finished_at = absl::FromUnixSeconds(1060);
  return container;
}

absl::Time EngineStart(int seconds) { return absl::FromUnixSeconds(seconds); }

worker::v1::RunOneOff Check() {
  worker::v1::RunOneOff check;
  check.set_title("check settings");
  check.set_failure_code(v1::CHECK_FAILED);
  check.mutable_container()->add_command("manage.py");
  check.mutable_container()->add_command("check");
  check.mutable_container()->set_memory_limit_bytes(64 << 20);
  return check;
}

TEST(WasInterrupted, BySignalsThatNobodyHereHasSent) {
  EXPECT_TRUE(WasInterrupted(Ended(137), EngineStart(10)));
  EXPECT_TRUE(WasInterrupted(Ended(143), EngineStart(10)));
  EXPECT_FALSE(WasInterrupted(Ended(1), EngineStart(10)));
  EXPECT_FALSE(WasInterrupted(Ended(255), EngineStart(10)));
  EXPECT_FALSE(WasInterrupted(Ended(1), absl::InfinitePast()));
}

TEST(WasInterrupted, NotByTheEndOfItsMemory) {
  docker::ContainerDetails container = Ended(137);
  container.oom_killed = true;
  EXPECT_FALSE(WasInterrupted(container, EngineStart(10)));
}

TEST(WasInterrupted, WhenTheEngineWentDownWithIt) {
  EXPECT_TRUE(WasInterrupted(Ended(255), EngineStart(1061))) << "found dead at the start";
  EXPECT_TRUE(WasInterrupted(Ended(1), EngineStart(1070))) << "told to end before";
  EXPECT_TRUE(WasInterrupted(Ended(255), EngineStart(1059))) << "ended by the new engine";
  EXPECT_FALSE(WasInterrupted(Ended(1), EngineStart(5000))) << "had ended long before";
}

TEST(OneOffFailure, SaysHowItEndedUnderTheStepsOwnCode) {
  const absl::Status status = OneOffFailed(Check(), Ended(3), {"DEBUG is on"});
  ASSERT_TRUE(IsFailure(status, v1::CHECK_FAILED));
  const v1::Failure failure = FailureOf(status);
  EXPECT_EQ(failure.message(), "check settings failed with exit code 3");
  EXPECT_THAT(failure.evidence(), Contains("exit code: 3"));
  EXPECT_THAT(failure.evidence(), Contains("it ran for: 1m"));
  EXPECT_THAT(failure.evidence(), Contains("command: manage.py check"));
  EXPECT_THAT(failure.log_tail(), ElementsAre("DEBUG is on"));
}

TEST(OneOffFailure, SaysThatMemoryRanOut) {
  docker::ContainerDetails container = Ended(137);
  container.oom_killed = true;
  const v1::Failure failure = FailureOf(OneOffFailed(Check(), container, {}));
  EXPECT_EQ(failure.code(), v1::CHECK_FAILED);
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("its limit is 64 MiB")));
  EXPECT_THAT(failure.next_command(), HasSubstr("mem_limit"));
}

TEST(StartedOneOffs, AreKnownAfterARestartByTheirWholeKey) {
  const test::TempDir directory;
  worker::v1::StepKey key;
  key.set_cluster_id("c/../x");
  key.set_step_id("d-1-05");
  key.set_attempt(2);
  EXPECT_FALSE(StartedOneOffs(directory.path()).Contains(key));
  ASSERT_TRUE(StartedOneOffs(directory.path()).Add(key).ok());
  ASSERT_TRUE(StartedOneOffs(directory.path()).Add(key).ok()) << "once more";
  const StartedOneOffs again(directory.path());
  EXPECT_TRUE(again.Contains(key));
  ASSERT_EQ(again.List().size(), 1u);
  EXPECT_EQ(again.List()[0].ShortDebugString(), key.ShortDebugString());
  worker::v1::StepKey other = key;
  other.set_attempt(1);
  EXPECT_FALSE(again.Contains(other));
  again.Remove(key);
  EXPECT_FALSE(again.Contains(key));
}

}  // namespace
}  // namespace davit::steps
