#include "common/call.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "common/steady_time.h"

namespace davit {
namespace {

constexpr absl::Duration kLong = absl::Minutes(10);

TEST(CancelToken, EndsAWaitAtOnce) {
  CancelToken token;
  std::thread canceller([&token] { token.Cancel(); });
  EXPECT_TRUE(token.WaitFor(kLong));
  EXPECT_TRUE(token.WaitUntil(absl::InfiniteFuture()));
  canceller.join();
}

TEST(CancelToken, WaitsNoLongerThanItIsTold) {
  const CancelToken token;
  EXPECT_FALSE(token.WaitFor(absl::Milliseconds(1)));
  EXPECT_FALSE(token.WaitFor(-kLong));
  EXPECT_FALSE(token.WaitUntil(absl::Now() + absl::Milliseconds(1)));
  EXPECT_FALSE(token.WaitUntil(absl::InfinitePast()));
}

TEST(Call, EndsAtTheNearerDeadline) {
  EXPECT_TRUE(Call().Check().ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(Call{.deadline = absl::Now()}.Check()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Call{.steady_deadline = SteadyNow()}.Check()));
  const Call both{.deadline = absl::Now() + kLong, .steady_deadline = SteadyNow() + 2 * kLong};
  EXPECT_TRUE(both.Check().ok());
  EXPECT_LE(both.Remaining(), kLong);
}

TEST(Call, SaysThatItWasCancelledFirst) {
  CancelToken token;
  token.Cancel();
  EXPECT_TRUE(absl::IsCancelled(Call{absl::InfinitePast(), &token}.Check()));
  EXPECT_TRUE(absl::IsCancelled(Call{absl::InfiniteFuture(), &token}.Wait(kLong)));
}

TEST(Call, ShortensTheClockThatItCountsBy) {
  const Call by_day = Call().Within(kLong);
  EXPECT_LE(by_day.deadline, absl::Now() + kLong);
  EXPECT_EQ(by_day.steady_deadline, absl::InfiniteFuture());
  // Whatever the time of day becomes, it cannot end this one.
  const Call steady = Call{.steady_deadline = SteadyNow() + 2 * kLong}.Within(kLong);
  EXPECT_EQ(steady.deadline, absl::InfiniteFuture());
  EXPECT_LE(steady.Remaining(), kLong);
  const absl::Time nearer = SteadyNow() + absl::Seconds(1);
  EXPECT_EQ(Call{.steady_deadline = nearer}.Within(kLong).steady_deadline, nearer);
}

}  // namespace
}  // namespace davit
