#include "controller/fleet/timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"

namespace davit::fleet {
namespace {

TEST(ThreadTimer, RunsActionsInTheOrderOfTheirTimes) {
  std::vector<int> order;
  absl::Notification done;
  ThreadTimer timer;
  // The first one holds the thread until both others are there.
  absl::Notification both;
  timer.After(absl::ZeroDuration(), [&] { both.WaitForNotification(); });
  timer.After(absl::Milliseconds(2), [&] {
    order.push_back(2);
    done.Notify();
  });
  timer.After(absl::Milliseconds(1), [&] { order.push_back(1); });
  both.Notify();
  ASSERT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_THAT(order, ::testing::ElementsAre(1, 2));
  EXPECT_GE(timer.Uptime(), absl::Milliseconds(2));
}

TEST(ThreadTimer, AnEarlierActionOvertakesOneThatIsWaitedFor) {
  absl::Notification done;
  ThreadTimer timer;
  timer.After(absl::Hours(1), [] { FAIL(); });
  timer.After(absl::Milliseconds(1), [&] { done.Notify(); });
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST(ThreadTimer, DropsWhatIsStillToComeWhenItEnds) {
  auto held = std::make_shared<int>(0);
  {
    ThreadTimer timer;
    timer.After(absl::Hours(1), [held] { ++*held; });
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 0);
}

}  // namespace
}  // namespace davit::fleet
