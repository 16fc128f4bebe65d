#include "common/redaction/redactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "common/redaction/forms.h"
#include "common/redaction/masking_stream.h"
#include "common/redaction/secret_writings.h"

namespace davit {
namespace {

using ::testing::AnyOf;

std::string Masked(const std::vector<std::string>& values, absl::string_view text) {
  return Redactor(values).Mask(text);
}

// The text cut at random places, as one goes through the stream after the other.
std::string InPieces(const Redactor& redactor, absl::string_view text, std::mt19937& random) {
  MaskingStream stream(&redactor);
  std::string masked;
  while (!text.empty()) {
    const size_t size = std::min<size_t>(text.size(), random() % 6);
    masked += stream.Put(text.substr(0, size));
    text.remove_prefix(size);
  }
  return masked + stream.Flush();
}

// What fills base64 up is all that is left of it.
std::string WithoutFilling(absl::string_view masked) {
  return absl::StrReplaceAll(
      masked, {{"***=", "***"}, {"***==", "***"}, {"***%3D", "***"}, {"***%3D%3D", "***"}});
}

TEST(Redactor, MasksAValueAndLeavesTheRest) {
  EXPECT_EQ(Masked({"hunter2"}, "login with hunter2, or hunter1"), "login with ***, or hunter1");
}

TEST(Redactor, HasNothingToDoWithoutValues) {
  EXPECT_TRUE(Redactor({}).empty());
  EXPECT_TRUE(Redactor({"abc"}).empty());
  EXPECT_FALSE(Redactor({"abcd"}).empty());
  EXPECT_EQ(Masked({}, "text"), "text");
}

TEST(Redactor, MasksWhatOverlapsOrTouchesAsOne) {
  EXPECT_EQ(Masked({"abcdef", "defghi"}, "-abcdefghi-"), "-***-");
  EXPECT_EQ(Masked({"abcd", "efgh"}, "-abcdefgh-"), "-***-");
  EXPECT_EQ(Masked({"abcd", "bc-de-abcd"}, "-abc-de-abcd-abcd"), "-a***-***");
  EXPECT_EQ(Masked({"aaaa"}, "aaaaaaaaaa b aaa"), "*** b aaa");
}

TEST(Redactor, MasksEachLineOfAValue) {
  const std::string key = "-----BEGIN KEY-----\nQUJDREVG\nab\n-----END KEY-----\n";
  EXPECT_EQ(Masked({key}, "read: " + key + "."), "read: ***.");
  EXPECT_EQ(Masked({key}, "1 QUJDREVG\n2 -----END KEY-----\n"), "1 ***\n2 ***\n");
}

TEST(Redactor, MasksPartsInBase64WithWhatIsAroundThem) {
  const std::string text = absl::Base64Escape("user:correct-horse");
  EXPECT_EQ(Masked({"correct-horse"}, text), text.substr(0, 7) + "***");
  EXPECT_EQ(absl::Base64Escape("user:").substr(0, 6), text.substr(0, 6));
}

class RedactorMasks : public ::testing::TestWithParam<std::string> {};

TEST_P(RedactorMasks, EveryWritingOfAValue) {
  const std::string& value = GetParam();
  const Redactor redactor({value});
  std::mt19937 random(1);
  for (const auto& [name, writing] : WritingsOf(value)) {
    for (const std::string before : {"is: ", "x\\", "%", "a'"}) {
      const std::string text = before + writing + "\nend";
      const std::string masked = redactor.Mask(text);
      EXPECT_EQ(masked, InPieces(redactor, text, random)) << name;
      // What is before may be read as a part of the first escape.
      EXPECT_THAT(WithoutFilling(masked),
                  AnyOf(before + "***\nend", before.substr(0, before.size() - 1) + "***\nend"))
          << name << ": " << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Values, RedactorMasks,
                         ::testing::Values("plain-value", "it's", R"(a\b\c)", "a b  c",
                                           "p@ss/w%rd+1", "<tag> & \"quotes\"", "tab\there",
                                           "two\nlines", "ünïcödé", "/+/+/+", "$HOME`id`",
                                           "\\\\\\\\", "''''", "%25%25", "+ + +"));

TEST(Redactor, KnowsUnicodeThatJsonEscapes) {
  EXPECT_EQ(Masked({"pässwörd"}, R"("p\u00e4ssw\u00F6rd")"), R"("***")");
  EXPECT_EQ(Masked({"🎉🎉"}, R"(\ud83c\udf89\uD83C\uDF89)"), "***");
}

TEST(Redactor, KnowsValuesThatLookEscapedThemselves) {
  EXPECT_EQ(Masked({"100%25x"}, "100%25x 100%2525x"), "*** ***");
  EXPECT_EQ(Masked({R"(C:\new)"}, R"(C:\new C:\\new)"), "*** ***");
}

TEST(Redactor, MasksTheBeginningOfASecretWhereATextIsCut) {
  const Redactor redactor({"correct-horse-battery", "hunter2"});
  EXPECT_EQ(redactor.MaskCut("it is correct-horse-batter"), "it is ***");
  EXPECT_EQ(redactor.MaskCut("it is correct-…"), "it is ***…");
  EXPECT_EQ(redactor.MaskCut("it is correct-ho\xEF\xBF\xBD…"), "it is ***\xEF\xBF\xBD…");
  EXPECT_EQ(redactor.MaskCut("hunter2correct-horse"), "***");
  EXPECT_EQ(redactor.MaskCut("hunter2 is correct-horse-battery"), "*** is ***");
  EXPECT_EQ(redactor.MaskCut("it is Y29ycmVjdC1ob3Jz"), "it is ***") << "base64";
}

TEST(Redactor, LeavesTheSchemeThatAUrlBeginsWith) {
  const Redactor redactor({"postgresql://shop:hunter2@db/shop"});
  EXPECT_EQ(redactor.MaskCut("there is no role postgres"), "there is no role postgres");
  EXPECT_EQ(redactor.MaskCut("it is postgresql"), "it is postgresql");
  EXPECT_EQ(redactor.MaskCut("it is postgresql://s"), "it is ***");
}

TEST(Redactor, LeavesWhatHardlyAnythingOfASecretIs) {
  const Redactor redactor({"correct-horse-battery"});
  EXPECT_EQ(redactor.MaskCut("this is correct"), "this is correct");
  EXPECT_EQ(redactor.MaskCut("correct-horse came"), "correct-horse came");
  EXPECT_EQ(Redactor({}).MaskCut("a…"), "a…");
}

// --- Pieces. ---

TEST(MaskingStream, HoldsBackOnlyWhatMayBeASecret) {
  const Redactor redactor({"hunter2", "hunted"});
  MaskingStream stream(&redactor);
  EXPECT_EQ(stream.Put("say hun"), "say ");
  EXPECT_EQ(stream.held(), 3u);
  EXPECT_EQ(stream.Put("g hunte"), "hung ");
  EXPECT_EQ(stream.Put("r2"), "***");
  EXPECT_EQ(stream.held(), 0u);
  EXPECT_EQ(stream.Put("100%"), "100");
  EXPECT_EQ(stream.Put(" hunt"), "% ");
  EXPECT_EQ(stream.Flush(), "hunt");
  EXPECT_EQ(stream.Put("er2"), "er2") << "another text";
}

TEST(MaskingStream, HoldsBackNothingWithoutSecrets) {
  const Redactor redactor({});
  MaskingStream stream(&redactor);
  EXPECT_EQ(stream.Put("100%"), "100%");
  EXPECT_EQ(stream.held(), 0u);
}

TEST(MaskingStream, HoldsBackLessThanTheLongestForm) {
  const std::string value(50, '"');
  const Redactor redactor({value});
  MaskingStream stream(&redactor);
  for (int i = 0; i < 2000; ++i) {
    stream.Put("\\u0022");
    ASSERT_LT(stream.held(), 6 * value.size());
  }
}

TEST(MaskingStream, PutsOneMaskForWhatRepeatsOverPieces) {
  const Redactor redactor({"aaaa"});
  MaskingStream stream(&redactor);
  std::string masked;
  for (int i = 0; i < 1000; ++i) masked += stream.Put("aaa");
  EXPECT_EQ(masked + stream.Flush(), "***");
}

// --- Properties. ---

std::string RandomValue(std::mt19937& random) {
  constexpr absl::string_view kBytes = "ab'\"\\%+/ \n$é";
  std::string value(kShortestSecret + random() % 12, '\0');
  for (char& c : value) c = kBytes[random() % kBytes.size()];
  return value;
}

TEST(RedactorProperty, WhateverIsPutTogetherIsMaskedHoweverItIsCut) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::string> values;
    for (int i = 0; i < 5; ++i) values.push_back(RandomValue(random));
    const Redactor redactor(values);
    std::string text, expected;
    for (int i = 0; i < 20; ++i) {
      const auto writings = WritingsOf(values[random() % values.size()]);
      // No value has these letters, so nothing is found in them.
      text += "ZXQ" + writings[random() % writings.size()].second + "QXZ\r";
      expected += "ZXQ***QXZ\r";
    }
    const std::string masked = redactor.Mask(text);
    ASSERT_EQ(masked, InPieces(redactor, text, random)) << "seed " << seed;
    ASSERT_EQ(WithoutFilling(masked), expected) << "seed " << seed;
  }
}

// Every place of every pattern, found by looking for each.
std::string NaiveMasked(const std::vector<std::string>& values, absl::string_view text) {
  std::vector<bool> secret(text.size() + 1);
  for (const std::string& value : values) {
    for (size_t i = text.find(value); i != text.npos; i = text.find(value, i + 1)) {
      std::fill_n(secret.begin() + static_cast<std::ptrdiff_t>(i), value.size(), true);
    }
  }
  std::string masked;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!secret[i]) masked.push_back(text[i]);
    if (secret[i] && (i == 0 || !secret[i - 1])) masked += "***";
  }
  return masked;
}

TEST(RedactorProperty, MasksNothingElse) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto word = [&random](size_t size) {
      std::string text(size, '\0');
      for (char& c : text) c = "a.-"[random() % 3];
      return text;
    };
    std::vector<std::string> values;
    for (int i = 0; i < 6; ++i) values.push_back(word(4 + random() % 5));
    const Redactor redactor(values);
    const std::string text = word(500);
    ASSERT_EQ(redactor.Mask(text), NaiveMasked(values, text)) << "seed " << seed;
    ASSERT_EQ(InPieces(redactor, text, random), redactor.Mask(text)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace davit
