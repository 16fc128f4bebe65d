#include "worker/service/masked_lines.h"

#include <gtest/gtest.h>

#include <string>

namespace davit::service {
namespace {

// What has become of lines, in one text.
class MaskedLinesTest : public ::testing::Test {
 protected:
  void Put(absl::string_view line, v1::LogStream stream = v1::STDOUT) {
    EXPECT_TRUE(lines_.Put(stream, line));
  }
  std::string Sent() {
    lines_.Finish();
    frames_.Finish();
    return sent_;
  }

  std::string sent_;
  LogFrames frames_{[this](const worker::v1::TailLogsResponse& frame) {
    EXPECT_EQ(frame.data().back(), '\n') << "whole lines";
    sent_ += frame.data();
    return true;
  }};
  const Redactor redactor_{{"hunter2", "two\nlines"}};
  MaskedLines lines_{&redactor_, &frames_};
};

TEST_F(MaskedLinesTest, MasksEachLine) {
  Put("with hunter2 and");
  Put("");
  Put("without");
  EXPECT_EQ(Sent(), "with *** and\n\nwithout\n");
}

TEST_F(MaskedLinesTest, JoinsLinesThatASecretLiesIn) {
  Put("a two");
  Put("lines b");
  Put("a two");
  Put("words");
  EXPECT_EQ(Sent(), "a *** b\na two\nwords\n");
}

TEST_F(MaskedLinesTest, FindsASecretWhereALongLineIsCut) {
  const std::string half(LogFrames::kFrameBytes - 4, 'x');
  EXPECT_TRUE(lines_.Put(v1::STDOUT, half + "hunt", /*goes_on=*/true));
  EXPECT_TRUE(lines_.Put(v1::STDOUT, "er2" + half, /*goes_on=*/true));
  Put("end");
  Put("");
  Put("next");
  std::string sent = Sent();
  EXPECT_EQ(sent.find("hunt"), sent.npos);
  EXPECT_EQ(sent.find("er2"), sent.npos);
  EXPECT_EQ(sent.substr(sent.find("end")), "end\n\nnext\n");
}

TEST_F(MaskedLinesTest, HoldsNoLineWithoutEnd) {
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(lines_.Put(v1::STDOUT, std::string(LogFrames::kFrameBytes, 'x'), true));
    EXPECT_GE(sent_.size(), size_t(i) * LogFrames::kFrameBytes / 2);
  }
}

TEST_F(MaskedLinesTest, KeepsTheStreamsApart) {
  Put("a two");
  Put("lines of another", v1::STDERR);
  EXPECT_EQ(Sent(), "*** of another\na two\n") << "each line of a secret is one as well";
}

TEST_F(MaskedLinesTest, SendsWhatWasHeldBackAtTheEnd) {
  Put("a two");
  EXPECT_EQ(Sent(), "a two\n");
}

TEST(MaskedLines, HandsLinesOnWithoutSecrets) {
  std::string sent;
  LogFrames frames([&sent](const worker::v1::TailLogsResponse& frame) {
    sent += frame.data();
    return true;
  });
  const Redactor redactor({});
  MaskedLines lines(&redactor, &frames);
  EXPECT_TRUE(lines.Put(v1::STDOUT, "as it is"));
  lines.Finish();
  frames.Finish();
  EXPECT_EQ(sent, "as it is\n");
}

}  // namespace
}  // namespace davit::service
