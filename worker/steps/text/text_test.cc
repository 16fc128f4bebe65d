#include <gtest/gtest.h>

#include "worker/steps/text/clean_text.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

TEST(Counted, KnowsOneFromMany) {
  EXPECT_EQ(Counted(0, "directory", "directories"), "0 directories");
  EXPECT_EQ(Counted(1, "directory", "directories"), "1 directory");
  EXPECT_EQ(Counted(2, "directory", "directories"), "2 directories");
}

TEST(CleanText, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(CleanText("naïve €\t𝄞\n"), "naïve €\t𝄞\n");
  EXPECT_EQ(CleanText("a\xFF\x62"), "a\xEF\xBF\xBD\x62");
  EXPECT_EQ(CleanText("cut \xE2\x82"), "cut \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(CleanText("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "overlong";
  EXPECT_EQ(CleanText("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
  EXPECT_EQ(CleanText("\x1b[31mred"), " [31mred");
}

}  // namespace
}  // namespace davit::steps
