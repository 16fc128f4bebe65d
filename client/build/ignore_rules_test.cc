#include "client/build/ignore_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace davit::build {
namespace {

using ::testing::HasSubstr;

bool LeavesOut(const std::string& rules, const std::string& path) {
  const auto parsed = IgnoreRules::Parse(rules);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() && parsed->LeavesOut(path);
}

TEST(CleanPath, WritesPathsAsGoDoes) {
  EXPECT_EQ(CleanPath(""), ".");
  EXPECT_EQ(CleanPath("./a//b/../c/"), "a/c");
  EXPECT_EQ(CleanPath("/../a"), "/a");
  EXPECT_EQ(CleanPath("../a/../.."), "../..");
  EXPECT_EQ(CleanPath("a/.."), ".");
  EXPECT_EQ(CleanPath("//"), "/");
}

TEST(IgnoreRules, LeaveNothingOutWithoutPatterns) {
  EXPECT_FALSE(IgnoreRules().LeavesOut("a"));
  EXPECT_FALSE(LeavesOut("\n  \n# all\n", "a"));
}

TEST(IgnoreRules, TakeOnlyTheFirstCharacterForAComment) {
  EXPECT_TRUE(LeavesOut(" #a", "#a"));
  EXPECT_FALSE(LeavesOut("#a", "#a"));
}

TEST(IgnoreRules, StartAtTheRootWhateverSlashesAreThere) {
  for (const char* rule : {"a/b", "/a/b", "./a/b", "a/b/", "  /a//b/ \r", "\uFEFFa/b"}) {
    EXPECT_TRUE(LeavesOut(rule, "a/b")) << rule;
    EXPECT_TRUE(LeavesOut(rule, "a/b/c/d")) << rule;
    EXPECT_FALSE(LeavesOut(rule, "x/a/b")) << rule;
    EXPECT_FALSE(LeavesOut(rule, "a")) << rule;
  }
}

TEST(IgnoreRules, StopStarsAtSlashesButNotTwoOfThem) {
  EXPECT_TRUE(LeavesOut("*.log", "x.log"));
  EXPECT_FALSE(LeavesOut("*.log", "a/x.log"));
  EXPECT_TRUE(LeavesOut("*/x.log", "a/x.log"));
  EXPECT_TRUE(LeavesOut("**/*.log", "x.log"));
  EXPECT_TRUE(LeavesOut("**/*.log", "a/b/x.log"));
  EXPECT_TRUE(LeavesOut("a/**", "a/b/c"));
  EXPECT_FALSE(LeavesOut("a/**", "a"));
  EXPECT_TRUE(LeavesOut("a/**/z", "a/z"));
  EXPECT_TRUE(LeavesOut("a/**/z", "a/b/c/z"));
  EXPECT_TRUE(LeavesOut("**", "a"));
  EXPECT_TRUE(LeavesOut("**/node_modules", "a/node_modules/x/y"));
  EXPECT_TRUE(LeavesOut("?.c", "a.c"));
  EXPECT_FALSE(LeavesOut("?.c", "ab.c"));
  EXPECT_TRUE(LeavesOut("?.c", "ä.c"));
  EXPECT_TRUE(LeavesOut("[a-c][!x]", "b!"));
  EXPECT_FALSE(LeavesOut("[^a]", "a"));
}

TEST(IgnoreRules, TakeNoOtherCharacterForAnythingSpecial) {
  EXPECT_TRUE(LeavesOut("a+b.(c)|{d}$*", "a+b.(c)|{d}$x"));
  EXPECT_FALSE(LeavesOut("a.c*", "abc"));
  EXPECT_TRUE(LeavesOut(R"(\*x)", "*x"));
  EXPECT_FALSE(LeavesOut(R"(\*x)", "yx"));
}

TEST(IgnoreRules, LetTheLastPatternThatFitsDecide) {
  EXPECT_FALSE(LeavesOut("*.md\n!README.md", "README.md"));
  EXPECT_TRUE(LeavesOut("*.md\n!README.md", "a.md"));
  EXPECT_TRUE(LeavesOut("*.md\n!README.md\nREAD*", "README.md"));
  EXPECT_TRUE(LeavesOut("!README.md\n*.md", "README.md"));
  EXPECT_FALSE(LeavesOut("a\n! /a/b/", "a/b/c"));
}

TEST(IgnoreRules, EnterADirectoryOnlyWherePatternsThatTakeBackBeginWithIt) {
  const auto rules = IgnoreRules::Parse("*\n!src/main/app.c\n!**/keep");
  ASSERT_TRUE(rules.ok());
  EXPECT_TRUE(rules->MayTakeBackIn("src"));
  EXPECT_TRUE(rules->MayTakeBackIn("src/main"));
  EXPECT_FALSE(rules->MayTakeBackIn("sr"));
  EXPECT_FALSE(rules->MayTakeBackIn("docs"));
}

TEST(IgnoreRules, AlwaysSendWhatWasTakenBack) {
  auto rules = IgnoreRules::Parse("**");
  ASSERT_TRUE(rules.ok());
  rules->TakeBack("docker/Dockerfile");
  EXPECT_FALSE(rules->LeavesOut("docker/Dockerfile"));
  EXPECT_TRUE(rules->LeavesOut("docker/other"));
  EXPECT_TRUE(rules->MayTakeBackIn("docker"));
}

TEST(IgnoreRules, NameTheLineThatCannotBeUnderstood) {
  for (const char* bad : {"!", "! ", "[", "a[]", "[^]", "a\\", "[b-a]*", "[\\]"}) {
    const auto rules = IgnoreRules::Parse(std::string("ok\n# fine\n") + bad + "\n");
    ASSERT_FALSE(rules.ok()) << bad;
    EXPECT_THAT(std::string(rules.status().message()), HasSubstr("line 3: ")) << bad;
  }
}

TEST(IgnoreRules, AreQuickAlsoForPatternsMadeToBeSlow) {
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "**/a*";
  const absl::Time begin = absl::Now();
  EXPECT_FALSE(LeavesOut(pattern, std::string(200, 'a') + "/b"));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

}  // namespace
}  // namespace davit::build
