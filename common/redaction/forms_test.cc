#include "common/redaction/forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Base64Within, IsInTheBase64OfWhateverEndsWithIt) {
  for (const std::string value : {"abcd", "hunter2", "twelve bytes"}) {
    for (size_t before = 0; before < 6; ++before) {
      const std::string whole = absl::Base64Escape(absl::StrCat(std::string(before, 'x'), value));
      EXPECT_TRUE(absl::StrContains(whole, Base64Within(value, before % 3))) << whole;
    }
  }
}

TEST(SecretPatterns, HasAllFormsOfAValue) {
  EXPECT_THAT(SecretPatterns({"hunter2"}),
              AllOf(Contains("hunter2"), Contains("aHVudGVyMg"), Contains("aHVudGVyM")));
}

TEST(SecretPatterns, HasBothAlphabetsOfBase64) {
  EXPECT_THAT(SecretPatterns({"\xfb\xff\xbf\xfb\xff\xbf"}),
              AllOf(Contains("+/+/+/+/"), Contains("-_-_-_-_")));
}

TEST(SecretPatterns, HasEachLineThatIsLongEnough) {
  EXPECT_THAT(SecretPatterns({"first line\r\n  indented\nabc\n"}),
              AllOf(Contains("first line"), Contains("indented"), Contains("abc").Times(0)));
}

TEST(SecretPatterns, HasTheValueWithoutBlanksAtItsEnds) {
  EXPECT_THAT(SecretPatterns({" hunter2\n"}), AllOf(Contains("hunter2"), Contains("aHVudGVyMg")));
}

TEST(SecretPatterns, HasTheLinesThatLongBase64IsBrokenInto) {
  const std::string value(100, 'k');
  const std::string base64 = absl::Base64Escape(value);
  EXPECT_THAT(SecretPatterns({value}),
              AllOf(Contains(base64.substr(0, 76)), Contains(base64.substr(64, 64))));
}

TEST(SecretPatterns, HasNothingShort) {
  EXPECT_THAT(SecretPatterns({"", "abc", "\n\n\n\n"}), Not(Contains(SizeIs(testing::Lt(4u)))));
  EXPECT_THAT(SecretPatterns({"", "abc"}), IsEmpty());
}

}  // namespace
}  // namespace davit
