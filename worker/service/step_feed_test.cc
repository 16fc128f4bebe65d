#include "worker/service/step_feed.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace davit::service {
namespace {

v1::StepLog Line(absl::string_view text, int64_t time, int ordinal = 0,
                 absl::string_view container = "c1") {
  v1::StepLog log;
  log.set_stream(v1::STDOUT);
  log.set_data(std::string(text));
  log.mutable_position()->set_container_id(std::string(container));
  log.mutable_position()->set_time_unix_nanos(time);
  log.mutable_position()->set_ordinal(ordinal);
  return log;
}

// All that a reader gets of a feed that has ended.
std::string ReadLogs(const StepFeed& feed, StepFeed::Cursor cursor) {
  std::string all;
  for (;;) {
    const auto message = feed.Next(cursor, absl::InfinitePast());
    if (!message.has_value() || message->has_finished()) return all;
    all += message->log().data();
  }
}

TEST(StepFeed, JoinsNeighbouringLinesAndKeepsTheLastPosition) {
  StepFeed feed("s-01");
  feed.Log(Line("a\n", 1));
  feed.Log(Line("b\n", 2));
  StepFeed::Cursor cursor = feed.Begin(nullptr);
  const auto message = feed.Next(cursor, absl::InfinitePast());
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->log().data(), "a\nb\n");
  EXPECT_EQ(message->log().position().time_unix_nanos(), 2);
  EXPECT_FALSE(feed.Next(cursor, absl::InfinitePast()).has_value());
}

TEST(StepFeed, KeepsStreamsAndContainersApart) {
  StepFeed feed("s-01");
  feed.Log(Line("out\n", 1));
  v1::StepLog error = Line("err\n", 2);
  error.set_stream(v1::STDERR);
  feed.Log(error);
  feed.Log(Line("other\n", 3, 0, "c2"));
  StepFeed::Cursor cursor = feed.Begin(nullptr);
  EXPECT_EQ(feed.Next(cursor, absl::InfinitePast())->log().data(), "out\n");
  EXPECT_EQ(feed.Next(cursor, absl::InfinitePast())->log().stream(), v1::STDERR);
  EXPECT_EQ(feed.Next(cursor, absl::InfinitePast())->log().data(), "other\n");
}

TEST(StepFeed, BeginsAfterThePositionThatTheReaderHas) {
  StepFeed feed("s-01");
  feed.Log(Line("a\n", 1));
  feed.Log(Line("b\n", 2, 0));
  feed.Log(Line("c\n", 2, 1));
  feed.Log(Line("d\n", 3));
  v1::LogPosition after = Line("", 2, 0).position();
  EXPECT_EQ(ReadLogs(feed, feed.Begin(&after)), "c\nd\n");
  after.set_container_id("unheard of");
  EXPECT_EQ(ReadLogs(feed, feed.Begin(&after)), "a\nb\nc\nd\n");
}

TEST(StepFeed, PassesByWhatTheReaderHasAlsoWhenItIsSaidAgainAfterwards) {
  StepFeed feed("s-01");
  const v1::LogPosition after = Line("", 1).position();
  const StepFeed::Cursor cursor = feed.Begin(&after);
  feed.Log(Line("a\n", 1));
  feed.Log(Line("b\n", 2));
  EXPECT_EQ(ReadLogs(feed, cursor), "b\n");
}

TEST(StepFeed, DropsTheOldestLogAboveItsLimit) {
  StepFeed feed("s-01");
  const std::string kilobyte(1023, 'x');
  for (int i = 0; i < 1500; ++i) feed.Log(Line(kilobyte + "\n", i));
  const std::string kept = ReadLogs(feed, feed.Begin(nullptr));
  EXPECT_EQ(kept.size(), StepFeed::kLogBytesKept);
}

TEST(StepFeed, SplitsAFloodIntoMessagesOf64KiB) {
  StepFeed feed("s-01");
  for (int i = 0; i < 100; ++i) feed.Log(Line(std::string(1024, 'x'), i));
  StepFeed::Cursor cursor = feed.Begin(nullptr);
  EXPECT_EQ(feed.Next(cursor, absl::InfinitePast())->log().data().size(), 64u << 10);
}

TEST(StepFeed, SendsReadersOffWhenTheWorkerEnds) {
  StepFeed feed("s-01");
  feed.Log(Line("a\n", 1));
  feed.Abandon();
  StepFeed::Cursor cursor = feed.Begin(nullptr);
  EXPECT_TRUE(feed.Next(cursor, absl::InfiniteFuture())->has_log());
  EXPECT_FALSE(feed.Next(cursor, absl::InfiniteFuture()).has_value());
}

}  // namespace
}  // namespace davit::service
