#include "client/output/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::output {
namespace {

using ::testing::ElementsAre;

TEST(Wrap, BreaksAtSpaces) {
  EXPECT_THAT(Wrap("one two three four", 13), ElementsAre("one two three", "four"));
  EXPECT_THAT(Wrap("one two three four", 12), ElementsAre("one two", "three four"));
  EXPECT_THAT(Wrap("one two three four", 0), ElementsAre("one two three four"));
  EXPECT_THAT(Wrap("", 12), ElementsAre(""));
}

TEST(Wrap, LeavesALongWordWhole) {
  EXPECT_THAT(Wrap("see d-01m886ewqnq2vha555v1 now", 12),
              ElementsAre("see", "d-01m886ewqnq2vha555v1", "now"));
}

TEST(Wrap, LeavesACommandWholeOnALineOfItsOwn) {
  EXPECT_THAT(Wrap("it goes on; follow it with: davit watch d-1 --local", 30),
              ElementsAre("it goes on; follow it with:", "davit watch d-1 --local"));
  EXPECT_THAT(Wrap("it goes on: davit watch d-1 --local", 12),
              ElementsAre("it goes on:", "davit watch d-1 --local"));
  EXPECT_THAT(Wrap("look with `docker ps -a`, then run `davit hosts`.", 16),
              ElementsAre("look with", "`docker ps -a`,", "then run", "`davit hosts`."));
  EXPECT_THAT(Wrap("davit show d-1, or look at what it says", 16),
              ElementsAre("davit show d-1,", "or look at what", "it says"));
}

TEST(Wrap, BreaksWhatIsNoCommand) {
  EXPECT_THAT(Wrap("when davit runs as root", 12), ElementsAre("when davit", "runs as root"));
  EXPECT_THAT(Wrap("one ` is no command", 10), ElementsAre("one ` is", "no command"));
}

TEST(Wrap, LeavesRoomOnTheFirstLine) {
  EXPECT_THAT(Wrap("one two three", 13, 7), ElementsAre("one", "two three"));
}

TEST(Wrap, CountsColumnsNotBytes) {
  EXPECT_THAT(Wrap("Grüße größer", 12), ElementsAre("Grüße größer"));
}

TEST(Hang, KeepsFurtherLinesUnderTheText) {
  EXPECT_THAT(Hang("Next: ", "one two three\nfour", 16),
              ElementsAre("Next: one two", "      three", "      four"));
  EXPECT_EQ(HangText("", "a\x1b[2Jb", 0), "ab\n");
}

TEST(FitWords, CutsBetweenWords) {
  EXPECT_EQ(FitWords("container 89e301b71a0a", 15), "container …");
  EXPECT_EQ(FitWords("container", 15), "container");
  EXPECT_EQ(FitWords("89e301b71a0a89e301b71a0a", 15), "89e301b71a0a89…");
}

}  // namespace
}  // namespace davit::output
