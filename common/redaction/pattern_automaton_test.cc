#include "common/redaction/pattern_automaton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace davit {
namespace {

// The longest pattern that ends at each place of the text.
std::vector<uint32_t> Matches(const std::vector<std::string>& patterns, absl::string_view text) {
  const PatternAutomaton automaton(patterns);
  PatternAutomaton::State state = PatternAutomaton::kStart;
  std::vector<uint32_t> matches;
  for (const char c : text) {
    state = automaton.Next(state, c);
    matches.push_back(automaton.match(state));
  }
  return matches;
}

std::vector<uint32_t> NaiveMatches(const std::vector<std::string>& patterns,
                                   absl::string_view text) {
  std::vector<uint32_t> matches;
  for (size_t end = 1; end <= text.size(); ++end) {
    uint32_t longest = 0;
    for (const std::string& pattern : patterns) {
      if (!absl::EndsWith(text.substr(0, end), pattern)) continue;
      longest = std::max(longest, static_cast<uint32_t>(pattern.size()));
    }
    matches.push_back(longest);
  }
  return matches;
}

std::string RandomText(std::mt19937& random, size_t longest) {
  std::string text(1 + random() % longest, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 3);
  return text;
}

TEST(PatternAutomaton, FindsTheLongestPatternThatEndsAtEachPlace) {
  EXPECT_EQ(Matches({"abab", "b", "babc"}, "xababc"), (std::vector<uint32_t>{0, 0, 1, 0, 4, 4}));
}

TEST(PatternAutomaton, FindsNothingWithoutPatterns) {
  EXPECT_EQ(Matches({}, "ab"), (std::vector<uint32_t>{0, 0}));
}

TEST(PatternAutomaton, KnowsBytesAboveTheLetters) {
  EXPECT_EQ(Matches({"\xff\xfe"}, "\xff\xff\xfe"), (std::vector<uint32_t>{0, 0, 2}));
}

TEST(PatternAutomaton, FindsWhatALookAtEveryPlaceFinds) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::string> patterns;
    for (int i = 0; i < 12; ++i) patterns.push_back(RandomText(random, 9));
    std::sort(patterns.begin(), patterns.end());
    patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
    const std::string text = RandomText(random, 200);
    EXPECT_EQ(Matches(patterns, text), NaiveMatches(patterns, text)) << "seed " << seed;
  }
}

TEST(PatternAutomaton, IsTheSameBeyondTheStatesWithAllTransitions) {
  std::mt19937 random(1);
  std::vector<std::string> patterns;
  for (int i = 0; i < 300; ++i) patterns.push_back(RandomText(random, 40));
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  ASSERT_GT(PatternAutomaton(patterns).states(), 2000u);
  std::string text = RandomText(random, 500);
  for (const std::string& pattern : patterns) text += pattern;
  EXPECT_EQ(Matches(patterns, text), NaiveMatches(patterns, text));
}

}  // namespace
}  // namespace davit
