#include "common/spec/format.h"

#include <gtest/gtest.h>

#include "common/spec/loader.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

TEST(FormatProblems, ShowsTheLineAndACaretUnderThePlace) {
  EXPECT_EQ(FormatProblems("davit.yaml", "a: 1\n  bb: 2\n", {{2, 3, "no such key"}, {1, 4, "bad"}}),
            "davit.yaml:2:3: no such key\n"
            "    bb: 2\n"
            "    ^\n"
            "davit.yaml:1:4: bad\n"
            "  a: 1\n"
            "     ^\n");
}

TEST(FormatProblems, NamesTheFileAloneWhereThereIsNoPlace) {
  EXPECT_EQ(FormatProblems("f", "", {{0, 0, "empty"}}), "f: empty\n");
  EXPECT_EQ(FormatProblems("f", "a", {{7, 1, "gone"}}), "f: gone\n");
}

TEST(FormatProblems, CountsCharactersAndShowsControlCharacters) {
  EXPECT_EQ(FormatProblems("f", "é\t\x1b[31m\xff: x\r\n", {{1, 9, "here"}}),
            "f:1:9: here\n"
            "  é\\t\\x1B[31m\\xFF: x\n"
            "                 ^\n");
}

TEST(FormatProblems, CutsALongLineAroundThePlace) {
  const std::string text = std::string(500, 'a') + "!" + std::string(500, 'b');
  const std::string shown = FormatProblems("f", text, {{1, 501, "here"}});
  const size_t line = shown.find('\n') + 1;
  const size_t caret = shown.find('^');
  const size_t caret_line = shown.find('\n', line) + 1;
  EXPECT_LT(caret_line - line, 130u);
  // "…" is three bytes and one column.
  EXPECT_EQ(shown[line + (caret - caret_line) + 2], '!');
  EXPECT_EQ(FormatProblems("f", text, {{1, 1, "here"}}),
            "f:1:1: here\n  " + std::string(119, 'a') + "…\n  ^\n");
}

TEST(Visible, HidesNothingAndObeysNothing) {
  EXPECT_EQ(Visible("a\xe2\x80\xae"
                    "b\x7f\xc2\x9b"
                    "c\n",
                    60),
            "a\\u202Eb\\x7F\\x9Bc\\n");
  EXPECT_EQ(Visible("abcdef", 3), "abc…");
}

TEST(DidYouMean, FindsWhatIsNearAndNothingElse) {
  EXPECT_EQ(DidYouMean("imgae", {"env", "image"}), "; did you mean `image`?");
  EXPECT_EQ(DidYouMean("Read-Only", {"read_only"}), "; did you mean `read_only`?");
  EXPECT_EQ(DidYouMean("xyz", {"env", "image"}), "");
  EXPECT_EQ(DidYouMean("a", {"b"}), "; did you mean `b`?");
  EXPECT_EQ(DidYouMean(std::string(1000, 'a'), {std::string(1000, 'b')}), "");
}

}  // namespace
}  // namespace davit::spec
