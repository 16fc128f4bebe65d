#include "controller/executor/journal_hub.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;

TEST(JournalHub, TellsEveryListenerOfItsDeploymentAndNoOther) {
  JournalHub hub;
  std::vector<int64_t> first, second, other;
  const auto a = hub.Subscribe("d-1", [&](int64_t sequence) { first.push_back(sequence); });
  const auto b = hub.Subscribe("d-1", [&](int64_t sequence) { second.push_back(sequence); });
  const auto c = hub.Subscribe("d-2", [&](int64_t sequence) { other.push_back(sequence); });
  hub.Publish("d-1", 3);
  hub.Publish("d-1", 5);
  hub.Publish("d-3", 9);
  EXPECT_THAT(first, ElementsAre(3, 5));
  EXPECT_THAT(second, ElementsAre(3, 5));
  EXPECT_TRUE(other.empty());
}

TEST(JournalHub, TellsNobodyWhoseSubscriptionHasEnded) {
  JournalHub hub;
  int calls = 0;
  auto ended = hub.Subscribe("d-1", [&](int64_t) { ++calls; });
  ended.reset();
  hub.Publish("d-1", 1);
  EXPECT_EQ(calls, 0);
}

TEST(JournalHub, LetsNoCallRunAfterASubscriptionsEnd) {
  JournalHub hub;
  std::atomic<bool> stop = false;
  std::thread publisher([&] {
    for (int64_t i = 1; !stop; ++i) hub.Publish("d-1", i);
  });
  for (int round = 0; round < 200; ++round) {
    std::atomic<bool> alive = true;
    auto subscription = hub.Subscribe("d-1", [&](int64_t) { EXPECT_TRUE(alive); });
    subscription.reset();
    alive = false;
  }
  stop = true;
  publisher.join();
}

}  // namespace
}  // namespace davit::executor
