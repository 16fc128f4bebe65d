#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "worker/docker/engine_test_fixture.h"

namespace davit::docker {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// The engine keeps no order between the two streams.
auto IsLine(v1::LogStream stream, const std::string& text) {
  return AllOf(Field(&LogLine::stream, stream), Field(&LogLine::text, text));
}

class EngineLogsTest : public EngineTest {
 protected:
  std::vector<LogLine> Read(absl::string_view container, const LogOptions& options = {}) {
    std::vector<LogLine> lines;
    const absl::Status status =
        engine_.Logs(container, options, test::TestCall(), [&lines](LogLine line) {
          lines.push_back(std::move(line));
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return lines;
  }

  // The name of a container whose program has ended.
  std::string RunToItsEnd(const worker::v1::ContainerSpec& spec) {
    std::string name = Run(spec);
    EXPECT_TRUE(WaitForState(name, "exited"));
    return name;
  }

  static std::vector<std::string> Texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> texts;
    for (const LogLine& line : lines) texts.push_back(line.text);
    return texts;
  }
};

TEST_F(EngineLogsTest, TellsTheStreamsAndTimesApart) {
  const absl::Time start = absl::Now();
  const auto lines =
      Read(RunToItsEnd(Spec({"/bin/sh", "-c", "echo one; echo two >&2; sleep 0.2; printf three"})));
  ASSERT_THAT(lines, UnorderedElementsAre(IsLine(v1::STDOUT, "one"), IsLine(v1::STDERR, "two"),
                                          IsLine(v1::STDOUT, "three")));
  std::map<std::string, int64_t> times;
  for (const LogLine& line : lines) times[line.text] = line.time_unix_nanos;
  EXPECT_GE(times["one"], absl::ToUnixNanos(start - absl::Seconds(1)));
  EXPECT_GT(times["three"], times["one"]);
}

TEST_F(EngineLogsTest, GoesOnFromATimestampThatItIncludes) {
  const std::string name =
      RunToItsEnd(Spec({"/bin/sh", "-c", "echo one; sleep 0.1; echo two; sleep 0.1; echo three"}));
  const auto all = Read(name);
  ASSERT_THAT(all, SizeIs(3));
  LogOptions options;
  options.since_unix_nanos = all[1].time_unix_nanos;
  EXPECT_THAT(Texts(Read(name, options)), ElementsAre("two", "three"));
  options.since_unix_nanos += 1;
  EXPECT_THAT(Texts(Read(name, options)), ElementsAre("three"));
}

TEST_F(EngineLogsTest, BeginsWithTheLastLinesWhereAsked) {
  const std::string name = RunToItsEnd(Spec({"/bin/seq", "100"}));
  LogOptions options;
  options.tail = 2;
  EXPECT_THAT(Texts(Read(name, options)), ElementsAre("99", "100"));
  options.tail = 0;
  EXPECT_THAT(Read(name, options), SizeIs(0));
}

TEST_F(EngineLogsTest, JoinsTheEnginesPartsOfALongLine) {
  // 40,000 bytes are three parts for the engine.
  const auto lines = Read(RunToItsEnd(
      Spec({"/bin/sh", "-c", "head -c 40000 /dev/zero | tr '\\0' x; echo; echo after"})));
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].text, std::string(40000, 'x'));
  EXPECT_EQ(lines[1].text, "after");
}

TEST_F(EngineLogsTest, GivesTheSameLinesWithoutTimestamps) {
  LogOptions options;
  options.timestamps = false;
  const auto lines = Read(
      RunToItsEnd(Spec({"/bin/sh", "-c",
                        "echo two >&2; head -c 40000 /dev/zero | tr '\\0' x; echo; printf end"})),
      options);
  ASSERT_THAT(lines, UnorderedElementsAre(IsLine(v1::STDERR, "two"),
                                          IsLine(v1::STDOUT, std::string(40000, 'x')),
                                          IsLine(v1::STDOUT, "end")));
  for (const LogLine& line : lines) EXPECT_EQ(line.time_unix_nanos, 0);
}

TEST_F(EngineLogsTest, CutsALineOfAHundredThousandBytesAt64KiB) {
  const auto lines = Read(RunToItsEnd(
      Spec({"/bin/sh", "-c", "head -c 102400 /dev/zero | tr '\\0' x; echo; echo after"})));
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0].text, std::string(65536, 'x'));
  EXPECT_EQ(lines[1].text, std::string(102400 - 65536, 'x'));
  EXPECT_EQ(lines[0].time_unix_nanos, lines[1].time_unix_nanos);
  EXPECT_EQ(lines[2].text, "after");
}

TEST_F(EngineLogsTest, ReadsATerminalsOutput) {
  const std::string name = Name("tty");
  const Json body = {
      {"Image", image_},
      {"Tty", true},
      {"Labels", {{"davit.test", label_}}},
      {"Cmd",
       {"/bin/sh", "-c", "echo short; head -c 40000 /dev/zero | tr '\\0' x; echo; echo after"}}};
  RawCreate(name, body);
  ASSERT_TRUE(engine_.StartContainer(name, test::TestCall()).ok());
  ASSERT_TRUE(WaitForState(name, "exited"));
  EXPECT_TRUE(Inspect(name).tty);
  EXPECT_THAT(Texts(Read(name)), ElementsAre("short", std::string(40000, 'x'), "after"));
}

TEST_F(EngineLogsTest, FollowsUntilTheProgramEnds) {
  const std::string name =
      Run(Spec({"/bin/sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done"}));
  LogOptions options;
  options.follow = true;
  EXPECT_THAT(Texts(Read(name, options)), ElementsAre("1", "2", "3"));
}

TEST_F(EngineLogsTest, StopsWhenTheSinkHasEnough) {
  const std::string name = Run(Spec({"/bin/sh", "-c", "while true; do echo x; sleep 0.01; done"}));
  LogOptions options;
  options.follow = true;
  int count = 0;
  EXPECT_TRUE(
      engine_.Logs(name, options, test::TestCall(), [&count](LogLine) { return ++count < 3; })
          .ok());
  EXPECT_EQ(count, 3);
}

TEST_F(EngineLogsTest, EndsASilentFollowPromptlyWhenCancelled) {
  const std::string name = Run(Spec({"/bin/sh", "-c", "echo ready; sleep 100"}));
  CancelToken cancel;
  absl::Notification ready;
  absl::Status status;
  std::thread reader([&] {
    LogOptions options;
    options.follow = true;
    status =
        engine_.Logs(name, options, Call{test::TestCall().deadline, &cancel}, [&ready](LogLine) {
          ready.Notify();
          return true;
        });
  });
  ASSERT_TRUE(ready.WaitForNotificationWithTimeout(absl::Seconds(20)));
  const absl::Time cancelled_at = absl::Now();
  cancel.Cancel();
  reader.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - cancelled_at, absl::Seconds(20)) << "far from all that else ends it";
}

TEST_F(EngineLogsTest, SaysThatTheContainerIsGone) {
  EXPECT_TRUE(
      IsFailure(engine_.Logs(Name("none"), {}, test::TestCall(), [](LogLine) { return true; }),
                v1::CONTAINER_GONE));
}

}  // namespace
}  // namespace davit::docker
