#include "worker/docker/log_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::docker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kTime[] = "2024-05-06T07:08:09.000000001Z";
constexpr char kLater[] = "2024-05-06T07:08:10.120000000Z";
constexpr int64_t kNanos = 1'714'979'289'000'000'001;

std::string Frame(char stream, absl::string_view payload) {
  std::string frame = {stream, 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(payload.size() >> shift & 0xff));
  }
  return absl::StrCat(frame, payload);
}

std::vector<std::pair<v1::LogStream, std::string>> Frames(const std::string& data,
                                                          size_t piece_bytes) {
  std::vector<std::pair<v1::LogStream, std::string>> frames;
  FrameParser parser;
  for (size_t at = 0; at < data.size(); at += piece_bytes) {
    parser.Feed(absl::string_view(data).substr(at, piece_bytes),
                [&frames](v1::LogStream stream, absl::string_view payload) {
                  frames.emplace_back(stream, std::string(payload));
                  return true;
                });
  }
  EXPECT_TRUE(parser.status().ok());
  return frames;
}

TEST(FrameParser, FindsTheSameFramesHoweverTheyArrive) {
  const std::string large(70'000, 'x');
  const std::string data =
      absl::StrCat(Frame(1, "one\n"), Frame(2, "two\n"), Frame(1, ""), Frame(1, large));
  for (const size_t piece_bytes : {size_t{1}, size_t{7}, size_t{8}, size_t{4096}, data.size()}) {
    EXPECT_THAT(Frames(data, piece_bytes),
                ElementsAre(Pair(v1::STDOUT, "one\n"), Pair(v1::STDERR, "two\n"),
                            Pair(v1::STDOUT, ""), Pair(v1::STDOUT, large)));
  }
}

TEST(FrameParser, RefusesWhatAreNoFrames) {
  FrameParser parser;
  EXPECT_FALSE(parser.Feed("plain text of a terminal",
                           [](v1::LogStream, absl::string_view) { return true; }));
  EXPECT_TRUE(IsFailure(parser.status(), v1::DOCKER_ERROR));
}

TEST(FrameParser, StopsWhenTheSinkHasEnough) {
  FrameParser parser;
  int count = 0;
  EXPECT_FALSE(parser.Feed(absl::StrCat(Frame(1, "a"), Frame(1, "b")),
                           [&count](v1::LogStream, absl::string_view) { return ++count < 1; }));
  EXPECT_EQ(count, 1);
  EXPECT_TRUE(parser.status().ok());
}

class LineJoinerTest : public ::testing::Test {
 protected:
  void AddFrame(v1::LogStream stream, absl::string_view frame) {
    joiner_.AddFrame(stream, frame, sink_);
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const LogLine& line : lines_) texts.push_back(line.text);
    return texts;
  }

  std::vector<LogLine> lines_;
  std::function<bool(LogLine)> sink_ = [this](LogLine line) {
    lines_.push_back(std::move(line));
    return true;
  };
  LineJoiner joiner_{/*timestamps=*/true};
};

TEST_F(LineJoinerTest, ReadsTheTimestampToTheNanosecond) {
  AddFrame(v1::STDERR, absl::StrCat(kTime, " ahoy there\n"));
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_EQ(lines_[0].stream, v1::STDERR);
  EXPECT_EQ(lines_[0].time_unix_nanos, kNanos);
  EXPECT_EQ(lines_[0].text, "ahoy there");
}

TEST_F(LineJoinerTest, KeepsEmptyLinesAndSpaces) {
  AddFrame(v1::STDOUT, absl::StrCat(kTime, " \n"));
  AddFrame(v1::STDOUT, absl::StrCat(kTime, "   indented \n"));
  EXPECT_THAT(Texts(), ElementsAre("", "  indented "));
}

TEST_F(LineJoinerTest, JoinsPartsOfOneStreamWhileTheOtherSpeaks) {
  AddFrame(v1::STDOUT, absl::StrCat(kTime, " half"));
  AddFrame(v1::STDERR, absl::StrCat(kLater, " aside\n"));
  AddFrame(v1::STDOUT, absl::StrCat(kTime, " way\n"));
  EXPECT_THAT(Texts(), ElementsAre("aside", "halfway"));
}

TEST_F(LineJoinerTest, GivesAPartAloneWhenTheNextLineHasAnotherTime) {
  AddFrame(v1::STDOUT, absl::StrCat(kTime, " lost its end"));
  AddFrame(v1::STDOUT, absl::StrCat(kLater, " next\n"));
  EXPECT_THAT(Texts(), ElementsAre("lost its end", "next"));
}

TEST_F(LineJoinerTest, GivesTheUnfinishedLineAtTheEnd) {
  AddFrame(v1::STDOUT, absl::StrCat(kTime, " no newline"));
  EXPECT_THAT(lines_, IsEmpty());
  joiner_.Finish(sink_);
  EXPECT_THAT(Texts(), ElementsAre("no newline"));
  joiner_.Finish(sink_);
  EXPECT_THAT(lines_, SizeIs(1));
}

TEST_F(LineJoinerTest, JoinsPartsWithoutTimestampsAndTakesNoneFromTheText) {
  LineJoiner joiner(/*timestamps=*/false);
  joiner.AddFrame(v1::STDOUT, absl::StrCat(kTime, " half"), sink_);
  joiner.AddFrame(v1::STDERR, "aside\n", sink_);
  joiner.AddFrame(v1::STDOUT, "way\n", sink_);
  joiner.AddFrame(v1::STDOUT, "\n", sink_);
  EXPECT_THAT(Texts(), ElementsAre("aside", absl::StrCat(kTime, " halfway"), ""));
}

TEST_F(LineJoinerTest, ReadsATerminalWithoutTimestamps) {
  LineJoiner joiner(/*timestamps=*/false);
  const std::string text(40'000, 'x');
  joiner.AddRaw(absl::StrCat(kTime, " short\r\n", text.substr(0, 20'000)), sink_);
  joiner.AddRaw(absl::StrCat(text.substr(20'000), "\r\nend"), sink_);
  joiner.Finish(sink_);
  EXPECT_THAT(Texts(), ElementsAre(absl::StrCat(kTime, " short"), text, "end"));
}

TEST_F(LineJoinerTest, CutsAtSixtyFourKibibytes) {
  for (int part = 0; part < 9; ++part) {
    AddFrame(v1::STDOUT, absl::StrCat(kTime, " ", std::string(16'384, 'x'), part == 8 ? "\n" : ""));
  }
  ASSERT_THAT(lines_, SizeIs(3));
  EXPECT_EQ(lines_[0].text.size(), 65'536u);
  EXPECT_EQ(lines_[1].text.size(), 65'536u);
  EXPECT_EQ(lines_[2].text.size(), 16'384u);
  EXPECT_TRUE(lines_[0].goes_on && lines_[1].goes_on);
  EXPECT_FALSE(lines_[2].goes_on);
}

TEST_F(LineJoinerTest, ReadsATerminalHoweverItsOutputArrives) {
  const std::string part(16'384, 'x');
  const std::string data = absl::StrCat(kTime, " short\r\n", kLater, " ", part, kLater, " ", part,
                                        kLater, " rest\r\n", kTime, " end");
  for (const size_t piece_bytes : {size_t{1}, size_t{1000}, data.size()}) {
    lines_.clear();
    for (size_t at = 0; at < data.size(); at += piece_bytes) {
      joiner_.AddRaw(absl::string_view(data).substr(at, piece_bytes), sink_);
    }
    joiner_.Finish(sink_);
    EXPECT_THAT(Texts(), ElementsAre("short", absl::StrCat(part, part, "rest"), "end"));
  }
}

}  // namespace
}  // namespace davit::docker
