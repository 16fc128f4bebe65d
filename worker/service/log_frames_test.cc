#include "worker/service/log_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace davit::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Frame = std::pair<v1::LogStream, std::string>;

// What was sent. One frame at a time, so it needs no lock while frames are made by
// one thread; the tests look after Finish.
class LogFramesTest : public ::testing::Test {
 protected:
  LogFrames::Send Keep() {
    return [this](const worker::v1::TailLogsResponse& frame) {
      sent_.emplace_back(frame.stream(), frame.data());
      return true;
    };
  }
  std::string Text() const {
    std::string text;
    for (const Frame& frame : sent_) text += frame.second;
    return text;
  }

  std::vector<Frame> sent_;
};

TEST_F(LogFramesTest, SendsWhatIsThereWithoutBeingAskedFor) {
  absl::Notification sent;
  LogFrames frames([&](const worker::v1::TailLogsResponse& frame) {
    EXPECT_EQ(frame.data(), "hello\n");
    sent.Notify();
    return true;
  });
  frames.Put(v1::STDOUT, "hello");
  EXPECT_TRUE(sent.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(LogFramesTest, PacksAFloodIntoFewFramesAndLosesNothing) {
  constexpr int kLines = 100'000;
  std::string expected;
  LogFrames frames(Keep());
  for (int i = 0; i < kLines; ++i) {
    const std::string line = absl::StrCat(i, std::string(93, 'x'));
    absl::StrAppend(&expected, line, "\n");
    EXPECT_TRUE(frames.Put(v1::STDOUT, line));
  }
  frames.Finish();
  EXPECT_TRUE(Text() == expected);
  for (const Frame& frame : sent_) {
    EXPECT_LE(frame.second.size(), LogFrames::kFrameBytes);
    EXPECT_EQ(frame.second.back(), '\n');
  }
  // Some are sent because they have waited, on a slow machine.
  EXPECT_LT(sent_.size(), kLines / 10);
}

TEST_F(LogFramesTest, KeepsTheOrderOfTheStreams) {
  LogFrames frames(Keep());
  for (int i = 0; i < 3; ++i) {
    frames.Put(v1::STDOUT, absl::StrCat("out ", i));
    frames.Put(v1::STDERR, absl::StrCat("err ", i));
  }
  frames.Finish();
  EXPECT_THAT(sent_, ElementsAre(Pair(v1::STDOUT, "out 0\n"), Pair(v1::STDERR, "err 0\n"),
                                 Pair(v1::STDOUT, "out 1\n"), Pair(v1::STDERR, "err 1\n"),
                                 Pair(v1::STDOUT, "out 2\n"), Pair(v1::STDERR, "err 2\n")));
}

TEST_F(LogFramesTest, GivesALineThatIsLongerThanAFrameOneOfItsOwn) {
  const std::string longest(LogFrames::kFrameBytes, 'x');
  LogFrames frames(Keep());
  frames.Put(v1::STDOUT, "before");
  frames.Put(v1::STDOUT, longest);
  frames.Put(v1::STDOUT, "after");
  frames.Finish();
  EXPECT_THAT(sent_, ElementsAre(Pair(v1::STDOUT, "before\n"), Pair(v1::STDOUT, longest + "\n"),
                                 Pair(v1::STDOUT, "after\n")));
}

TEST_F(LogFramesTest, KeepsEmptyLines) {
  LogFrames frames(Keep());
  frames.Put(v1::STDOUT, "");
  frames.Put(v1::STDOUT, "");
  frames.Finish();
  EXPECT_EQ(Text(), "\n\n");
}

TEST_F(LogFramesTest, SendsNothingWhereNothingIs) {
  LogFrames frames(Keep());
  EXPECT_TRUE(frames.Finish());
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(LogFramesTest, SaysThatNobodyWantsMore) {
  int asked = 0;
  LogFrames frames([&](const worker::v1::TailLogsResponse&) {
    ++asked;
    return false;
  });
  frames.Put(v1::STDOUT, std::string(LogFrames::kFrameBytes - 1, 'x'));
  EXPECT_FALSE(frames.Put(v1::STDOUT, "more"));
  EXPECT_FALSE(frames.Put(v1::STDOUT, "more"));
  EXPECT_FALSE(frames.Finish());
  EXPECT_EQ(asked, 1);
}

TEST_F(LogFramesTest, HoldsOneFrameWhileTheReceiverIsSlow) {
  int sent = 0;
  std::atomic<int> put = 0;
  LogFrames frames([&](const worker::v1::TailLogsResponse&) {
    EXPECT_LE(put.load(), ++sent);
    return true;
  });
  const std::string line(LogFrames::kFrameBytes - 1, 'x');
  for (; put < 1000; ++put) frames.Put(v1::STDOUT, line);
  frames.Finish();
  EXPECT_EQ(sent, 1000);
}

}  // namespace
}  // namespace davit::service
