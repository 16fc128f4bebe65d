#include "common/redaction/escape.h"

#include <gtest/gtest.h>

namespace davit {
namespace {

// What it stands for; "none" and "begun" for what is no whole escape.
std::string Read(absl::string_view raw) {
  std::string decoded;
  switch (ReadEscape(raw, decoded)) {
    case EscapeState::kNone:
      return "none";
    case EscapeState::kBegun:
      return "begun";
    case EscapeState::kWhole:
      return decoded;
  }
  return "";
}

TEST(ReadEscape, ReadsThoseOfUrls) {
  EXPECT_EQ(Read("%2F"), "/");
  EXPECT_EQ(Read("%c3"), "\xc3");
  EXPECT_EQ(Read("%"), "begun");
  EXPECT_EQ(Read("%2"), "begun");
  EXPECT_EQ(Read("%s"), "none");
  EXPECT_EQ(Read("+"), " ");
}

TEST(ReadEscape, ReadsThoseOfJson) {
  EXPECT_EQ(Read("\\"), "begun");
  EXPECT_EQ(Read("\\n"), "\n");
  EXPECT_EQ(Read("\\\""), "\"");
  EXPECT_EQ(Read("\\\\"), "\\");
  EXPECT_EQ(Read("\\/"), "/");
  EXPECT_EQ(Read("\\u0041"), "A");
  EXPECT_EQ(Read("\\u00E9"), "é");
  EXPECT_EQ(Read("\\u20ac"), "€");
  EXPECT_EQ(Read("\\u00"), "begun");
  EXPECT_EQ(Read("\\u00g"), "none");
  EXPECT_EQ(Read("\\ud83c"), "begun");
  EXPECT_EQ(Read("\\ud83c\\"), "begun");
  EXPECT_EQ(Read("\\ud83c\\udf8"), "begun");
  EXPECT_EQ(Read("\\ud83c\\udf89"), "🎉");
  EXPECT_EQ(Read("\\ud83cx"), "none");
  EXPECT_EQ(Read("\\ud83c\\u0041"), "none");
}

TEST(ReadEscape, ReadsThoseOfShells) {
  EXPECT_EQ(Read(R"('\'')"), "'");
  EXPECT_EQ(Read(R"('"'"')"), "'");
  EXPECT_EQ(Read(R"('\)"), "begun");
  EXPECT_EQ(Read("'"), "begun");
  EXPECT_EQ(Read("'a"), "none");
  EXPECT_EQ(Read("\\$"), "$");
  EXPECT_EQ(Read("\\ "), " ");
  EXPECT_EQ(Read("\\x41"), "A");
  EXPECT_EQ(Read("\\303"), "\xc3");
  EXPECT_EQ(Read("\\38"), "none");
  EXPECT_EQ(Read("\\q"), "none");
  EXPECT_EQ(Read("\\\n"), "none");
}

TEST(ReadEscape, IsAskedForWhatCanBeginOne) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    EXPECT_EQ(BeginsEscape(c), c == '%' || c == '+' || c == '\\' || c == '\'') << i;
  }
}

}  // namespace
}  // namespace davit
