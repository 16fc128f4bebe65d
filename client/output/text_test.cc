#include "client/output/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::output {
namespace {

using ::testing::ElementsAre;

TEST(Sanitize, LeavesOrdinaryTextInAnyLanguageAlone) {
  EXPECT_EQ(Sanitize("Grüße, 世界\n✓"), "Grüße, 世界\n✓");
}

TEST(Sanitize, DropsColoursAndCursorMovements) {
  EXPECT_EQ(Sanitize("\x1b[31mred\x1b[0m \x1b[2J\x1b[10;10Hx"), "red x");
}

TEST(Sanitize, DropsTitlesAndLinksThatATerminalWouldObey) {
  EXPECT_EQ(Sanitize("\x1b]0;owned\aA\x1b]8;;http://x\x1b\\B"), "AB");
}

TEST(Sanitize, DropsASequenceThatIsCutOffAtTheEnd) {
  EXPECT_EQ(Sanitize("a\x1b[3"), "a");
  EXPECT_EQ(Sanitize("a\x1b"), "a");
}

TEST(Sanitize, ReplacesControlCharactersOfOneByteAndOfTwo) {
  EXPECT_EQ(Sanitize("a\bb"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Sanitize("a\xC2\x9B"
                     "31m"),
            "a\xEF\xBF\xBD"
            "31m");
}

TEST(Sanitize, LeavesNoControlCharacterOfTheSecondRangeHoweverItIsWritten) {
  for (int c = 0x80; c < 0xA0; ++c) {
    const char byte = static_cast<char>(c);
    const std::string as_utf8 = {'a', '\xC2', byte, 'b'};
    EXPECT_EQ(Sanitize(as_utf8),
              "a\xEF\xBF\xBD"
              "b")
        << c;
    EXPECT_EQ(Sanitize(std::string{'a', byte, 'b'}),
              "a\xEF\xBF\xBD"
              "b")
        << c;
    const std::string title = "\x1b]0;" + as_utf8 + "\ax";
    EXPECT_EQ(Sanitize(title), "x") << c;
  }
}

TEST(Sanitize, ReplacesWhatTurnsTheWritingDirection) {
  EXPECT_EQ(Sanitize("a\xE2\x80\xAE"
                     "b"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Sanitize, SeesWhatLiesBetweenLongRunsOfOrdinaryText) {
  const std::string run(1000, '~');
  EXPECT_EQ(Sanitize(run + "\x7F" + run + "\t\n" + run + "\x1b[2J" + run + "é"),
            run + "\xEF\xBF\xBD" + run + "    \n" + run + run + "é");
}

TEST(Sanitize, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Sanitize("\xFF|\xC0\x80|\xE2\x82"),
            "\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Sanitize, TakesALineEndOfWindowsForOneAndALoneCarriageReturnForNone) {
  EXPECT_EQ(Sanitize("a\r\nb\rc"),
            "a\nb\xEF\xBF\xBD"
            "c");
}

TEST(SafeLines, HasNoEmptyLineAtTheEnd) {
  EXPECT_THAT(SafeLines("a\n\nb\n"), ElementsAre("a", "", "b"));
}

TEST(Fit, CutsAtTheWidthAndSaysSo) {
  EXPECT_EQ(Fit("deployment", 6), "deplo…");
  EXPECT_EQ(Fit("deploy", 6), "deploy");
}

TEST(Fit, CountsWideCharactersTwice) {
  EXPECT_EQ(DisplayWidth("世界"), 4);
  EXPECT_EQ(Fit("世界世界", 5), "世界…");
}

TEST(FormatElapsed, GrowsCoarserWithTime) {
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(349)), "0.3s");
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(59'990)), "59.9s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(64)), "1m04s");
  EXPECT_EQ(FormatElapsed(absl::Minutes(125)), "2h05m");
  EXPECT_EQ(FormatElapsed(absl::Seconds(-1)), "0.0s");
}

TEST(FormatBytes, UsesDecimalUnits) {
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(12'345'678), "12.3 MB");
  EXPECT_EQ(FormatBytes(999'990), "1.0 MB");
}

}  // namespace
}  // namespace davit::output
