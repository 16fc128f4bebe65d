#include "controller/executor/timers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;

class TimersTest : public testing::Test {
 protected:
  TimersTest() { timers_.Start(); }

  void Arm(absl::Duration after, const std::string& deployment_id, const std::string& step_id) {
    timers_.Arm(clock_.Now() + after, step_id,
                {deployment_id, core::TimerFired{deployment_id + "/" + step_id, 1}});
  }
  void Pass(absl::Duration duration) {
    clock_.Advance(duration);
    timers_.Check();
  }
  // The next `count` that fire.
  std::vector<std::string> Fired(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return fired_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20)));
    return std::exchange(fired_, {});
  }

  test::FakeClock clock_;
  absl::Mutex mutex_;
  std::vector<std::string> fired_ ABSL_GUARDED_BY(mutex_);
  Timers timers_{clock_, [this](InputWork work) {
                   absl::MutexLock lock(&mutex_);
                   fired_.push_back(std::get<core::TimerFired>(work.input).step_id);
                 }};
};

TEST_F(TimersTest, FireInTheOrderOfTheirTimesAndOnce) {
  Arm(absl::Seconds(20), "d", "late");
  Arm(absl::Seconds(10), "d", "early");
  Arm(absl::Hours(10), "d", "not yet");
  Pass(absl::Minutes(1));
  EXPECT_THAT(Fired(2), ElementsAre("d/early", "d/late"));
  Pass(absl::Hours(10));
  EXPECT_THAT(Fired(1), ElementsAre("d/not yet"));
}

TEST_F(TimersTest, FireAtOnceWhenTheirTimeHasPassed) {
  Arm(-absl::Seconds(1), "d", "s");
  EXPECT_THAT(Fired(1), ElementsAre("d/s"));
}

TEST_F(TimersTest, MoveWhenArmedAgain) {
  Arm(absl::Seconds(10), "d", "s");
  Arm(absl::Seconds(90), "d", "s");
  Arm(absl::Seconds(20), "d", "other");
  Pass(absl::Seconds(60));
  EXPECT_THAT(Fired(1), ElementsAre("d/other"));
  Pass(absl::Seconds(60));
  EXPECT_THAT(Fired(1), ElementsAre("d/s"));
}

TEST_F(TimersTest, StaySilentWhenDisarmed) {
  Arm(absl::Seconds(1), "d", "s");
  Arm(absl::Seconds(2), "gone", "s1");
  Arm(absl::Seconds(3), "gone", "s2");
  Arm(absl::Seconds(4), "last", "s");
  timers_.Disarm("d", "s");
  timers_.Disarm("d", "never armed");
  timers_.DisarmAll("gone");
  Pass(absl::Seconds(5));
  EXPECT_THAT(Fired(1), ElementsAre("last/s"));
}

TEST_F(TimersTest, ForgetEverythingWhenStopped) {
  Arm(absl::Seconds(1), "d", "s");
  timers_.Stop();
  timers_.Start();
  Arm(absl::Seconds(2), "d", "new");
  Pass(absl::Seconds(5));
  EXPECT_THAT(Fired(1), ElementsAre("d/new"));
}

}  // namespace
}  // namespace davit::executor
