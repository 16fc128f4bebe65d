#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>
#include <thread>

#include "common/failure/failure.h"
#include "controller/api/testing/test_controller.h"
#include "controller/api/testing/watch_client.h"

namespace davit::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Le;

// first, first + 1 … last
std::vector<int64_t> Range(int64_t first, int64_t last) {
  std::vector<int64_t> numbers(last - first + 1);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

size_t CountThreads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

TEST(Watch, CatchesUpThenFollowsUntilTheEnd) {
  TestController controller;
  controller.Put("d-1");
  controller.Append("d-1", 3);
  WatchClient watch(controller.stub(), "d-1");
  EXPECT_EQ(watch.AwaitSequences(3), Range(1, 3));
  controller.Append("d-1", 2);
  EXPECT_EQ(watch.AwaitSequences(5), Range(1, 5));
  controller.Append("d-1", 1, /*end=*/true);
  EXPECT_TRUE(watch.AwaitEnd().ok());
  EXPECT_EQ(watch.sequences(), Range(1, 6));
}

TEST(Watch, GoesOnFromTheMiddle) {
  TestController controller;
  controller.Put("d-1");
  controller.Append("d-1", 9);
  controller.Append("d-1", 1, /*end=*/true);
  WatchClient watch(controller.stub(), "d-1", 7);
  EXPECT_TRUE(watch.AwaitEnd().ok());
  EXPECT_THAT(watch.sequences(), ElementsAre(8, 9, 10));
}

TEST(Watch, EndsAtOnceWhenTheClientKnowsTheWholeJournalOfAFinishedDeployment) {
  TestController controller;
  controller.Put("d-1");
  controller.Append("d-1", 2, /*end=*/true);
  for (const int64_t after : {2, 1000}) {
    WatchClient watch(controller.stub(), "d-1", after);
    EXPECT_TRUE(watch.AwaitEnd().ok());
    EXPECT_THAT(watch.sequences(), IsEmpty());
  }
}

TEST(Watch, EndsWhenTheDeploymentDoesWhateverTheClientSaysThatItKnows) {
  TestController controller;
  controller.Put("d-1");
  WatchClient watch(controller.stub(), "d-1", 1000);
  WatchClient witness(controller.stub(), "d-1");
  controller.Append("d-1", 1);
  witness.AwaitSequences(1);
  controller.Append("d-1", 1, /*end=*/true);
  EXPECT_TRUE(watch.AwaitEnd().ok());
}

TEST(Watch, SaysThatThereIsNoSuchDeployment) {
  TestController controller;
  WatchClient watch(controller.stub(), "d-none");
  EXPECT_TRUE(IsFailure(watch.AwaitEnd(), v1::NOT_FOUND));
}

TEST(Watch, RefusesABadRequest) {
  TestController controller;
  WatchClient nameless(controller.stub(), "");
  EXPECT_TRUE(IsFailure(nameless.AwaitEnd(), v1::SPEC_INVALID));
  WatchClient negative(controller.stub(), "d-1", -1);
  EXPECT_TRUE(IsFailure(negative.AwaitEnd(), v1::SPEC_INVALID));
}

TEST(Watch, SendsALongJournalInMessagesOfBoundedSize) {
  TestController controller;
  controller.Put("d-1");
  controller.Append("d-1", 1000);
  controller.Append("d-1", 100, /*end=*/false, /*bytes=*/64 << 10);
  controller.Append("d-1", 1, /*end=*/false, /*bytes=*/2 << 20);
  controller.Append("d-1", 299, /*end=*/true);
  WatchClient watch(controller.stub(), "d-1");
  EXPECT_TRUE(watch.AwaitEnd().ok());
  EXPECT_EQ(watch.sequences(), Range(1, 1400));
  EXPECT_GT(watch.messages(), 4);
  EXPECT_THAT(watch.largest_message(), Le((2u << 20) + 100));
}

TEST(Watch, MissesAndRepeatsNothingWhileTheJournalGrows) {
  TestController controller;
  controller.Put("d-1");
  std::thread writer([&] {
    for (int i = 0; i < 1000; ++i) controller.Append("d-1", 2);
    controller.Append("d-1", 1, /*end=*/true);
  });
  std::vector<std::unique_ptr<WatchClient>> watches;
  for (int i = 0; i < 50; ++i) {
    watches.push_back(std::make_unique<WatchClient>(controller.stub(), "d-1", i));
  }
  writer.join();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(watches[i]->AwaitEnd().ok());
    EXPECT_EQ(watches[i]->sequences(), Range(i + 1, 2001));
  }
}

TEST(Watch, AThousandWatchersNeedNoMoreThreadsThanTen) {
  TestController controller;
  controller.Put("d-1");
  controller.Append("d-1", 1);
  std::vector<std::unique_ptr<WatchClient>> watches;
  const auto open = [&](size_t count) {
    while (watches.size() < count) {
      watches.push_back(std::make_unique<WatchClient>(controller.stub(), "d-1"));
    }
    for (const auto& watch : watches) watch->AwaitSequences(1);
  };
  open(10);
  const size_t before = CountThreads();
  open(1000);
  // gRPC's own pools may still add some, by the load and the number of processors.
  EXPECT_THAT(CountThreads(), Le(before + 100));
  controller.Append("d-1", 1, /*end=*/true);
  for (const auto& watch : watches) {
    EXPECT_TRUE(watch->AwaitEnd().ok());
    EXPECT_EQ(watch->sequences(), Range(1, 2));
  }
}

TEST(Watch, ClientsMayGoAtAnyTime) {
  TestController controller;
  controller.Put("d-1");
  std::thread writer([&] {
    for (int i = 0; i < 500; ++i) controller.Append("d-1", 3, /*end=*/false, /*bytes=*/1000);
  });
  for (int i = 0; i < 300; ++i) {
    WatchClient watch(controller.stub(), "d-1", i % 7);
    if (i % 3 == 1) watch.AwaitSequences(i % 5 + 1);
    watch.Cancel();
    EXPECT_EQ(watch.AwaitEnd().code(), absl::StatusCode::kCancelled);
  }
  writer.join();
}

TEST(Watch, AServerThatStopsEndsWatchesThatRest) {
  TestController controller;
  controller.Put("d-1");
  controller.Append("d-1", 1);
  WatchClient watch(controller.stub(), "d-1");
  watch.AwaitSequences(1);
  controller.StopServing();
  EXPECT_FALSE(watch.AwaitEnd().ok());
}

}  // namespace
}  // namespace davit::api
